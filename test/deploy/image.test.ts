import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { bundle } from "../../src/codegen/bundle.ts";
import { findManifest, readManifests } from "../support/manifests.ts";
import { eventually } from "../support/real-time.ts";
import { startReplica } from "../support/replica.ts";
import { killCommands, runCommand } from "../support/running-command.ts";
import { type ServedWorld, serveWorld } from "../support/served-world.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Instruction {
  readonly word: string;
  readonly rest: string;
}
/** One entry for each instruction, lines that go on joined; a new stage begins with each FROM. */
const instructions: readonly Instruction[] = read("deploy/Dockerfile")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [word = "", ...rest] = line.split(" ");
    return { word, rest: rest.join(" ") };
  });
const lastStage = instructions.slice(instructions.findLastIndex(({ word }) => word === "FROM"));
const restOf = (word: string): string | undefined =>
  lastStage.find((one) => one.word === word)?.rest;
const container = findManifest(readManifests("deploy/base"), "Deployment").spec.template.spec;

describe("the image's definition", () => {
  it("takes from the checkout what is there and what its context lets through", () => {
    const taken = instructions
      .filter(({ word, rest }) => word === "COPY" && !rest.startsWith("--from"))
      .flatMap(({ rest }) => rest.split(" ").slice(0, -1));
    expect(taken).toContain("package-lock.json");
    expect(taken.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const allowed = read("deploy/Dockerfile.dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    expect(taken.toSorted()).toEqual(allowed.toSorted());
  });

  it("runs the Node that the tests run, named exactly, in both stages", () => {
    const { devDependencies, engines } = JSON.parse(read("package.json"));
    const [image] = instructions;
    expect(image).toEqual({
      word: "ARG",
      rest: `NODE_IMAGE=node:${devDependencies.node}-bookworm-slim`,
    });
    expect(engines.node).toBe(`>=${devDependencies.node.split(".")[0]}`);
    const stages = instructions.filter(({ word }) => word === "FROM");
    expect(stages.map(({ rest }) => rest.split(" ")[0])).toEqual([
      "${NODE_IMAGE}",
      "${NODE_IMAGE}",
    ]);
  });

  it("has the bundle and nothing else of ours, and starts it as the user that the Deployment asks for", () => {
    const copies = lastStage.filter(({ word }) => word === "COPY" || word === "ADD");
    expect(copies.map(({ rest }) => rest)).toEqual(["--from=build /build/dist ./"]);
    expect(restOf("WORKDIR")).toBe("/app");
    const { runAsUser, runAsGroup } = container.securityContext;
    expect(restOf("USER")).toBe(`${runAsUser}:${runAsGroup}`);
    expect(JSON.parse(restOf("ENTRYPOINT") ?? "")).toEqual(["node", "/app/serin.mjs"]);
    expect(JSON.parse(restOf("CMD") ?? "")).toEqual(container.containers[0].args);
    expect(restOf("EXPOSE")).toBe(String(container.containers[0].ports[0].containerPort));
  });
});

describe("the bundle", { timeout: 60_000 }, () => {
  let folder: string;
  let program: string;
  let world: ServedWorld;

  beforeAll(async () => {
    const built = await mkdtemp(join(tmpdir(), "serin-bundle-"));
    await bundle(built);
    // Elsewhere than where it was built, without a checkout or node_modules anywhere above.
    folder = await mkdtemp(join(tmpdir(), "serin-app-"));
    await cp(built, folder, { recursive: true });
    await rm(built, { recursive: true });
    program = join(folder, "serin.mjs");
    world = await serveWorld();
  }, 60_000);
  afterAll(async () => {
    await killCommands();
    await world.close();
    await rm(folder, { recursive: true });
  });

  it("is one file of code with its map, the manifests and the licences", async () => {
    expect((await readdir(folder)).toSorted()).toEqual([
      "LICENSE",
      "THIRD-PARTY-LICENSES.txt",
      "analysis-templates",
      "crds",
      "package.json",
      "serin.mjs",
      "serin.mjs.map",
    ]);
    const licences = await readFile(join(folder, "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["zod", "pino", "@kubernetes/client-node"])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
    expect(licences).not.toMatch(/: undefined$/m);
    const { sources } = JSON.parse(await readFile(`${program}.map`, "utf8"));
    expect(sources.some((path: string) => path.endsWith("src/core/canary/decide.ts"))).toBe(true);
  });

  it("says what it can do, and which version it is", async () => {
    const help = await runCommand(["--help"], { program });
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("controller");
    const { version } = JSON.parse(read("package.json"));
    expect((await runCommand(["--version"], { program })).stdout).toContain(version);
  });

  it("finds the definitions and the templates beside it", async () => {
    const { code, stdout } = await runCommand(["crds"], { program });
    expect(code).toBe(0);
    expect(parseAllDocuments(stdout).map((each) => each.toJS().metadata.name)).toEqual([
      "alertproviders.serin.dev",
      "analysistemplates.serin.dev",
      "canaries.serin.dev",
      "clusteranalysistemplates.serin.dev",
    ]);
    const linted = await runCommand(["lint", "deploy/examples/order-service"], { program });
    expect(linted).toMatchObject({ code: 0, stderr: "" });
  });

  it("refuses a setting as the checkout does", async () => {
    const refused = await runCommand(["controller", "--qps", "none"], { program });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("--qps none: give a number from 1 to 1000");
  });

  it("leads, fills its caches, and ends in order", async () => {
    const replica = await startReplica({
      name: "bundled",
      kubeconfig: await world.kubeconfigFor("bundled"),
      flags: ["--own-namespace", "default", "--metrics-server", world.prometheusAddress],
      program,
    });
    await eventually("the bundled controller is ready", 20_000, () => replica.isReady());
    await eventually("it leads", 20_000, async () =>
      /^serin_leader 1$/m.test((await replica.get("/metrics")).text),
    );
    replica.command.signal("SIGTERM");
    expect(await replica.command.ended).toEqual({ code: 0, signal: null });
    const loud = replica.log().filter(({ level }) => level !== "info");
    expect(loud).toEqual([]);
    expect(replica.command.stderr()).toBe("");
  });
});
