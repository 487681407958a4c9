/** Names the real programs that the suite runs and finds them: what the environment offers first, else what setup built. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const moduleFolder = fileURLToPath(new URL("../components", import.meta.url));
/** A module of its own for what would want other versions of Kubernetes' libraries. */
const toolsFolder = fileURLToPath(new URL("../tools", import.meta.url));

/** Go package of each program that setup can build; `prometheus` comes from the system's packages. */
export const goPackages = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
  "pilot-discovery": "istio.io/istio/pilot/cmd/pilot-discovery",
  glua: "github.com/yuin/gopher-lua/cmd/glua",
  gojq: "github.com/itchyny/gojq/cmd/gojq",
  helm: "helm.sh/helm/v3/cmd/helm",
} as const;

export type GoComponent = keyof typeof goPackages;
export type Component = GoComponent | "prometheus";

const goComponents: readonly GoComponent[] = [
  "glua",
  "etcd",
  "kubectl",
  "kube-apiserver",
  "kube-controller-manager",
  "pilot-discovery",
  "gojq",
  "helm",
];
export const components: readonly Component[] = [...goComponents, "prometheus"];

const oldestKubectl = [1, 32] as const;

/** The file with Istio's CustomResourceDefinitions, as setup copies it out of Istio's module. */
export const istioCrdFile = "istio-crds.yaml";

/** The Go module that names the version of a program. */
export function moduleOf(name: Component): string {
  return name === "helm" || name === "gojq" ? toolsFolder : moduleFolder;
}

/** Where setup puts what it builds: a folder per content of go.sum, so that another version is another folder. */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  module: string = moduleFolder,
): string {
  const sums = readFileSync(join(module, "go.sum"));
  const hash = createHash("sha256").update(sums).digest("hex").slice(0, 16);
  const base = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "serin-e2e", hash);
}

/** Path of a program; undefined if it is nowhere. Order: $KUBEBUILDER_ASSETS, PATH, what setup built. */
export function findComponent(
  name: Component,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const offered = env["KUBEBUILDER_ASSETS"];
  const folders = [
    ...(offered === undefined || offered === "" ? [] : [offered]),
    ...(env["PATH"] ?? "").split(delimiter),
    join(cacheFolder(env, moduleOf(name)), "bin"),
  ];
  const found = folders.map((folder) => join(folder, name)).filter(isExecutable);
  return name === "kubectl" ? found.find(isNewKubectl) : found[0];
}

/** Whether a version is at least this one; no version is not. */
export function isAtLeast(
  match: RegExpExecArray | null,
  [major, minor]: readonly [number, number],
): boolean {
  const [, seenMajor = "0", seenMinor = "0"] = match ?? [];
  return Number(seenMajor) > major || (Number(seenMajor) === major && Number(seenMinor) >= minor);
}

const kubectlAges = new Map<string, boolean>();

/** People's kubectl may be of any age; all else on PATH was put there for such tests. */
function isNewKubectl(path: string): boolean {
  const known = kubectlAges.get(path);
  if (known !== undefined) return known;
  const { stdout } = spawnSync(path, ["version", "--client", "-o", "json"], { encoding: "utf8" });
  const isNew = isAtLeast(/"gitVersion": *"v(\d+)\.(\d+)/.exec(stdout ?? ""), oldestKubectl);
  kubectlAges.set(path, isNew);
  return isNew;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
