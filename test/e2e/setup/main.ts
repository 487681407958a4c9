/**
 * `npm run test:e2e:setup`: installs what the end-to-end tests need and is not there yet. Says what each program is,
 * where it comes from and how long that took; ends with code 1, and with what to do, if something is missing.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import {
  type Component,
  cacheFolder,
  components,
  findComponent,
  type GoComponent,
  goPackages,
  isAtLeast,
  istioCrdFile,
  moduleFolder,
  moduleOf,
} from "./components.ts";

const oldestGo = [1, 26] as const;
/** What the API server and kubectl say they are; without it they are v0.0.0 and clients are confused. */
const kubernetesVersion = "v1.36.3";
const cache = cacheFolder();

// For whoever puts what was built on PATH.
process.exitCode = process.argv.includes("--bin") ? say(join(cache, "bin")) : main();

function main(): number {
  const problems = components.map(provide).filter((problem) => problem !== undefined);
  const missing = [...problems, provideIstioCrds()].filter((problem) => problem !== undefined);
  for (const problem of missing) say(`MISSING  ${problem}`);
  return missing.length === 0 ? 0 : 1;
}

/** What is wrong, with the fix; undefined when the program is there. */
function provide(name: Component): string | undefined {
  const found = findComponent(name);
  if (found !== undefined) {
    say(`${name.padEnd(24)} ${found}`);
    return undefined;
  }
  const startedAt = Date.now();
  const problem = name === "prometheus" ? installPrometheus() : build(name);
  if (problem !== undefined) return `${name}: ${problem}`;
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  say(`${name.padEnd(24)} ${findComponent(name) ?? "?"} (${seconds} s)`);
  return undefined;
}

function build(name: GoComponent): string | undefined {
  const { stdout } = spawnSync("go", ["version"], { encoding: "utf8" });
  const needed = `Go ${oldestGo.join(".")} or newer`;
  if (!isAtLeast(/go(\d+)\.(\d+)/.exec(stdout ?? ""), oldestGo))
    return `needs ${needed} on PATH to be built, or the program itself in $KUBEBUILDER_ASSETS or on PATH`;
  const bin = join(cacheFolder(process.env, moduleOf(name)), "bin");
  mkdirSync(bin, { recursive: true });
  say(`${name.padEnd(24)} building; the Kubernetes ones take minutes`);
  // Built beside its place and moved there, so that a build that was cut short leaves nothing that looks whole.
  const unfinished = join(bin, `.${name}.${process.pid}`);
  const { status } = spawnSync(
    "go",
    ["build", "-trimpath", "-ldflags", linkerFlags(), "-o", unfinished, goPackages[name]],
    { cwd: moduleOf(name), stdio: ["ignore", "inherit", "inherit"], env: goEnvironment() },
  );
  if (status !== 0) return `go build of ${goPackages[name]} failed, see above`;
  renameSync(unfinished, join(bin, name));
  return undefined;
}

function linkerFlags(): string {
  const [major, minor] = kubernetesVersion.slice(1).split(".");
  const values = { gitVersion: kubernetesVersion, gitMajor: major, gitMinor: minor };
  const set = Object.entries(values).map(([name, value]) => {
    return `-X k8s.io/component-base/version.${name}=${value}`;
  });
  return ["-s", "-w", ...set].join(" ");
}

function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, GOFLAGS: "-mod=readonly -buildvcs=false", CGO_ENABLED: "0" };
}

function installPrometheus(): string | undefined {
  const fix =
    "install Prometheus 2.40 or newer and put it on PATH (Debian: apt-get install prometheus)";
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return fix;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...words: string[]) =>
    spawnSync("apt-get", ["-qq", ...words], { stdio: ["ignore", "ignore", "inherit"], env }).status;
  run("update");
  run("install", "-y", "--no-install-recommends", "prometheus");
  // Debian starts it as a service where there is a service manager; the suite starts its own.
  return findComponent("prometheus") === undefined ? fix : undefined;
}

function provideIstioCrds(): string | undefined {
  const target = join(cache, istioCrdFile);
  if (existsSync(target)) return undefined;
  const list = ["list", "-m", "-f", "{{.Dir}}", "istio.io/api"];
  const run = (...words: string[]) =>
    spawnSync("go", words, { cwd: moduleFolder, encoding: "utf8", env: goEnvironment() });
  run("mod", "download", "istio.io/api");
  const folder = run(...list).stdout?.trim() ?? "";
  const source = join(folder, "kubernetes", "customresourcedefinitions.gen.yaml");
  if (folder === "" || !existsSync(source)) return "Istio's CRDs: they come from its Go module";
  mkdirSync(cache, { recursive: true });
  copyFileSync(source, target);
  say(`${istioCrdFile.padEnd(24)} ${target}`);
  return undefined;
}

function say(line: string): number {
  process.stdout.write(`${line}\n`);
  return 0;
}
