/** Every file that reads what comes from outside, and the test of this folder that tries it. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Signs of a parser. The sandbox and the generators read only what is on one's own machine. */
const signs =
  /JSON\.parse\(|\.safeParse\(|[A-Z]\w*\.parse\(|parser\.parse\(|parseAllDocuments\(|loadFromFile\(|URL\.parse\(|Date\.parse\(|isRecord\(|^export (?:const|(?:async )?function\*?) (?:decode|parse|load[A-Z]|readJson|readText)/m;
const parsers = globSync("src/{adapters,cli,compose,controller,core,ports}/**/*.ts", { cwd: root })
  .concat("src/config.ts")
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => signs.test(read(path)));

const tests = globSync("test/security/fuzz/*.test.ts", { cwd: root });

/** Files of the sources that the tests of this folder import. */
const tried = new Set(
  tests.flatMap((path) =>
    [...read(path).matchAll(/from "(?<from>\.[^"]+)"/g)].map(({ groups }) =>
      resolve(root, dirname(path), groups?.["from"] ?? "").slice(root.length),
    ),
  ),
);

/** Read through another file that is tried, or reads nothing from outside; each with the reason. */
const elsewhere: Readonly<Record<string, string>> = {
  "src/adapters/kubernetes/events.ts":
    "one number of an Event that was read, through the transport",
  "src/adapters/kubernetes/kind-presence.ts": "through informer.ts",
  "src/adapters/kubernetes/spec-revisions/informers.ts":
    "asks for one label; decode.ts reads the rest",
  "src/adapters/kubernetes/transport-exchange.ts": "through transport.ts",
  "src/adapters/kubernetes/workloads/neighbours.ts": "compares labels that decode.ts has read",
  "src/adapters/kubernetes/workloads/shared-labels.ts": "compares labels that decode.ts has read",
  "src/adapters/kubernetes/workloads/write-workloads.ts": "through primary-copy.ts",
  "src/adapters/metrics/prometheus/exchange.ts": "through client.ts",
  "src/adapters/outbound/guarded-fetch.ts": "reads addresses; its own test tries them",
  "src/adapters/traffic/istio/plan-generated.ts": "compares what generated.ts makes",
  "src/adapters/traffic/istio/role-services.ts": "compares labels that decode.ts has read",
  "src/cli/program.ts": "through runSerin",
  "src/cli/read-text.ts": "through runSerin",
  "src/cli/send-command.ts": "through canary-objects.ts",
  "src/cli/wait-command.ts": "through canary-objects.ts",
  "src/compose/manifests.ts": "reads files that are shipped",
};

describe("the parsers of what comes from outside", () => {
  it("are found", () => {
    expect(parsers.length).toBeGreaterThan(30);
    expect(parsers).toContain("src/adapters/kubernetes/cluster/decode.ts");
  });

  it("are all tried by a test of this folder", () => {
    expect(parsers.filter((path) => !tried.has(path) && !Object.hasOwn(elsewhere, path))).toEqual(
      [],
    );
  });

  it("that are tried through others are still there, and not tried by themselves", () => {
    const stale = Object.keys(elsewhere).filter(
      (path) => !parsers.includes(path) || tried.has(path),
    );
    expect(stale).toEqual([]);
  });
});
