/** What people write by hand: settings, arguments, kubeconfigs, manifests, PromQL. Errors are the declared ones, and name the place. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  connectByKubeconfig,
  connectInCluster,
} from "../../../src/adapters/kubernetes/kube-config.ts";
import { parseField } from "../../../src/adapters/metrics/prometheus/syntax.ts";
import { prepareTemplate } from "../../../src/adapters/metrics/prometheus/template.ts";
import { sampleOf } from "../../../src/adapters/metrics/prometheus/variables.ts";
import { AnalysisTemplateSpec } from "../../../src/api/analysis-template.ts";
import { parseDuration } from "../../../src/cli/durations.ts";
import { silentLog } from "../../../src/cli/silent-log.ts";
import { readDocuments } from "../../../src/compose/lint/documents.ts";
import { Config, ConfigError, flagName, parseConfig } from "../../../src/config.ts";
import { StallError } from "../../../src/ports/errors.ts";
import { runSerin } from "../../support/cli-run.ts";
import { anyCharacters, damagedText, thrownBy } from "../../support/hostile.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const anyText = fc.oneof(
  anyCharacters,
  fc.double().map(String),
  fc.constantFrom("", " ", "0x1", "1e9", "NaN", "-1", "\n", "\u001b[2J", "a".repeat(10_000)),
);
const names = Object.keys(Config.shape);
const variable = (name: string): string =>
  `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`;

describe("the settings", () => {
  it("are within their bounds, or refused in one line that names the flag or the variable", () => {
    const flags = fc.dictionary(fc.constantFrom(...names, "constructor", "bogus"), anyText);
    const env = fc.dictionary(
      fc.constantFrom(...names.map(variable), "SERIN_", "PATH", "SERIN_X"),
      anyText,
    );
    fc.assert(
      fc.property(flags, env, (given, surroundings) => {
        let message = "";
        try {
          const { qps, burst, healthPort } = parseConfig(given, surroundings);
          expect([qps, burst, healthPort].every((number) => Number.isFinite(number))).toBe(true);
        } catch (error) {
          message = error instanceof ConfigError ? error.message : `threw ${String(error)}`;
        }
        expect(message).toMatch(/^$|^(--[a-z-]+ |SERIN_[A-Z_]*(=|: ))[^\p{Cc}]*$/u);
        expect(message.length).toBeLessThan(600);
      }),
      { numRuns: 400 },
    );
  });

  it("of times are milliseconds, or refused by the flag's name", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, damagedText("1h30m5s")), (text) => {
        const error = thrownBy(() =>
          expect(parseDuration("timeout", text)).toBeGreaterThanOrEqual(0),
        );
        expect(error === undefined || error instanceof ConfigError).toBe(true);
      }),
    );
  });
});

describe("a kubeconfig", () => {
  const config = `apiVersion: v1
kind: Config
current-context: a
clusters: [{ name: c, cluster: { server: "https://127.0.0.1:1", certificate-authority-data: c2VjcmV0LXdvcmQ= } }]
contexts: [{ name: a, context: { cluster: c, user: u, namespace: shop } }]
users: [{ name: u, user: { token: s3cret-word, client-certificate-data: YQ==, client-key-data: YQ== } }]
`;
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "serin-test-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("that is damaged is refused by its path, and never shown", async () => {
    const path = join(folder, "config");
    await fc.assert(
      fc.asyncProperty(fc.oneof(damagedText(config), anyText), async (text) => {
        await writeFile(path, text);
        const source = { path, clock: createManualClock(), log: silentLog };
        const ended: unknown = await connectByKubeconfig(source)
          .then((connection) => connection.close())
          .catch((error: unknown) => error);
        expect(
          ended === undefined || ended instanceof StallError ? undefined : ended,
        ).toBeUndefined();
        expect(ended instanceof Error ? ended.message : path).toContain(path);
        expect(ended instanceof Error ? ended.message : "").not.toMatch(/s3cret|c2Vjc/);
      }),
      { numRuns: 60 },
    );
  });

  it("is not needed in a pod, whose own files may be anything", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (ca, namespace) => {
        await Promise.all(
          Object.entries({ "ca.crt": ca, namespace, token: namespace }).map(([name, text]) =>
            writeFile(join(folder, name), text),
          ),
        );
        const clock = createManualClock();
        const source = { host: "10.0.0.1", port: "443", clock, log: silentLog, directory: folder };
        const ended: unknown = await connectInCluster(source)
          .then((connection) => connection.close())
          .catch((error: unknown) => error);
        expect(ended === undefined || ended instanceof StallError).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

const manifest = `apiVersion: serin.dev/v1alpha1
kind: Canary
metadata: { name: orders, namespace: shop }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: orders }
  routing: { istio: { virtualServices: [ { name: orders } ] } }
---
kind: List
items: [ { kind: Service, metadata: { name: orders } } ]
`;
const bomb = `a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
kind: [*d, *d, *d, *d, *d, *d, *d, *d, *d]
`;

describe("manifests", () => {
  it("are objects, or findings at a place in the text; nothing throws", () => {
    fc.assert(
      fc.property(fc.oneof(damagedText(manifest), anyText), (text) => {
        const { objects, findings } = readDocuments("a.yaml", text);
        for (const { line, column, message } of findings)
          expect([line >= 1, column >= 1, message !== ""]).toEqual([true, true, true]);
        for (const { source } of objects)
          expect(source.locate(["spec", "stages", 3]).line).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("whose aliases multiply without end, or go round, are a finding", () => {
    expect(readDocuments("a.yaml", bomb)).toMatchObject({ objects: [], findings: [{ line: 1 }] });
    expect(readDocuments("a.yaml", "kind: *nobody\n").findings).toHaveLength(1);
    expect(() => readDocuments("a.yaml", "a: &a { b: *a }\n")).not.toThrow();
  });

  it("with the names that every object inherits change no other object", () => {
    readDocuments(
      "a.yaml",
      '__proto__: { polluted: 1 }\n"constructor": { prototype: { polluted: 1 } }\n',
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

describe("the command line", () => {
  const words = fc.constantFrom(
    "lint",
    "plan",
    "get",
    "wait",
    "promote",
    "abort",
    "-",
    "-o",
    "json",
    "--rps",
    "1e9",
    "-n",
    "../x",
    "--reason",
    "--timeout",
    "--kubeconfig",
    "/nowhere",
    "--",
    "-R",
    "--by",
    "constructor",
    "__proto__",
    "orders",
    "\u001b[2J",
    "--watch",
  );
  const argv = fc.tuple(
    fc.constantFrom("lint", "plan", "get", "wait", "promote", "abort", "bogus"),
    fc.array(words, { maxLength: 5 }),
  );

  it("ends with an exit code that is documented, and says why on stderr, whatever it is given", async () => {
    await fc.assert(
      fc.asyncProperty(
        argv,
        fc.oneof(damagedText(manifest), anyText),
        async ([command, rest], stdin) => {
          const { code, stdout, stderr } = await runSerin([command, ...rest], {
            stdin,
            env: { KUBECONFIG: "/nowhere" },
            signal: AbortSignal.abort(),
          });
          expect([0, 1, 2, 3, 4, 5, 6, 130]).toContain(code);
          expect(code === 0 || stdout !== "" || /^serin: \S/.test(stderr)).toBe(true);
          expect(stderr).not.toMatch(/\bat \S+ \(|[^\P{Cc}\n\t]/u);
        },
      ),
      { numRuns: 60 },
    );
  }, 30_000);
});

describe("a template", () => {
  const query =
    'sum(rate(requests_total{w="{{ workload }}", n="{{ namespace }}", c=~"{{ args.code }}"}[{{ interval }}] offset 5m))';
  const anyQuery = fc.oneof(
    damagedText(query),
    anyText,
    fc.constantFrom("{{", "}}", '"', "[".repeat(4_000), "-".repeat(4_000)),
  );

  it("is prepared, or refused with the field and the place", () => {
    fc.assert(
      fc.property(
        anyQuery,
        fc.dictionary(fc.constantFrom("code", "constructor", "toString"), anyText),
        (text, args) => {
          const spec = AnalysisTemplateSpec.parse({
            args: [{ name: "code" }, { name: "constructor" }],
            provider: { prometheus: {} },
            value: { query: "up" },
          });
          const { problems, template } = prepareTemplate({ ...spec, value: { query: text } }, args);
          expect(template === undefined).toBe(
            problems.some(({ severity }) => severity === "Error"),
          );
          for (const { message } of problems) expect(message).toMatch(/value\.query|args|argument/);
          expect(
            thrownBy(() => parseField("value.query", text, sampleOf(text), "Selector")),
          ).toBeUndefined();
        },
      ),
      { numRuns: 100 },
    );
  });
});
