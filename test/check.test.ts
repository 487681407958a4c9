/** Proves that the lint rules bite: every house rule is broken once, with the real configuration. */
import { beforeAll, describe, expect, it } from "vitest";
import { lintTree } from "./support/lint-tree.ts";

interface Case {
  readonly rule: string;
  readonly path: string;
  readonly text: string;
}

const uses = (specifier: string): string =>
  `import * as other from "${specifier}";\nexport const used = other;\n`;

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const n${index} = 0;`).join("\n");

const statements = (count: number): string =>
  Array.from({ length: count }, (_, index) => `  sum(${index});`).join("\n");

const branches = (count: number): string =>
  Array.from({ length: count }, (_, index) => `  if (n === ${index}) return ${index};`).join("\n");

const layering: readonly Case[] = (
  [
    ["api", "api/reaches-core.ts", "../core/clean.ts"],
    ["api takes no package but zod", "api/reaches-pino.ts", "pino"],
    ["core to ports", "core/reaches-ports.ts", "../ports/clean.ts"],
    ["core to Node", "core/reaches-node.ts", "node:fs"],
    ["core to a package", "core/reaches-zod.ts", "zod"],
    ["ports to adapters", "ports/reaches-adapters.ts", "../adapters/clean.ts"],
    ["controller to adapters", "controller/reaches-adapters.ts", "../adapters/clean.ts"],
    ["controller to a package", "controller/reaches-undici.ts", "undici"],
    ["adapters to controller", "adapters/reaches-controller.ts", "../controller/clean.ts"],
    ["sandbox to controller", "sandbox/reaches-controller.ts", "../controller/clean.ts"],
    ["sandbox to an adapter", "sandbox/reaches-slack.ts", "../adapters/notify/slack.ts"],
    ["compose to cli", "compose/reaches-cli.ts", "../cli/clean.ts"],
    ["cli to sandbox", "cli/reaches-sandbox.ts", "../sandbox/clean.ts"],
    ["codegen to compose", "codegen/reaches-compose.ts", "../compose/clean.ts"],
    ["config to ports", "config.ts", "./ports/clean.ts"],
    ["main past the cli", "main.ts", "./compose/clean.ts"],
    ["a folder without a layer", "elsewhere/clean.ts", "../api/clean.ts"],
  ] as const
).map(([, path, specifier]) => ({
  rule: "serin(layering)",
  path: `src/${path}`,
  text: uses(specifier),
}));

const purity: readonly Case[] = [
  { rule: "eslint(no-restricted-globals)", text: "export const answer = () => fetch('/');" },
  {
    rule: "eslint(no-restricted-globals)",
    text: "export const later = () => setTimeout(() => 1, 1);",
  },
  { rule: "eslint(no-restricted-globals)", text: "export const env = () => process.env;" },
  { rule: "eslint(no-restricted-globals)", text: "export const soon = () => Promise.resolve(1);" },
  { rule: "eslint(no-restricted-globals)", text: "export const id = () => crypto.randomUUID();" },
  { rule: "eslint(no-restricted-properties)", text: "export const now = () => Date.now();" },
  { rule: "eslint(no-restricted-properties)", text: "export const dice = () => Math.random();" },
  { rule: "serin(no-implicit-now)", text: "export const now = () => new Date();" },
  { rule: "oxc(no-async-await)", text: "export const read = async () => 1;" },
  { rule: "typescript(no-restricted-types)", text: "export type Later = Promise<number>;" },
].map(({ rule, text }, index) => ({ rule, path: `src/core/impure-${index}.ts`, text }));

const time: readonly Case[] = [
  {
    rule: "eslint(no-restricted-globals)",
    text: "export const t = (f: () => void) => setInterval(f, 1);",
  },
  { rule: "eslint(no-restricted-globals)", text: "export const t = () => performance.now();" },
  {
    rule: "eslint(no-restricted-properties)",
    text: "export const t = () => AbortSignal.timeout(5);",
  },
  {
    rule: "eslint(no-restricted-imports)",
    text: 'export { setTimeout } from "node:timers/promises";',
  },
  {
    rule: "eslint(no-restricted-imports)",
    text: 'import { env } from "node:process";\nexport const e = env;',
  },
  { rule: "serin(no-implicit-now)", text: "export const t = () => Date();" },
].map(({ rule, text }, index) => ({ rule, path: `src/adapters/timed-${index}.ts`, text }));

const edges: readonly Case[] = [
  { path: "src/codegen/timed.ts", text: "export const t = (f: () => void) => setTimeout(f, 1);" },
  { path: "src/adapters/kubernetes/system-clock.ts", text: "export const e = () => process.env;" },
].map((edge) => ({ rule: "eslint(no-restricted-globals)", ...edge }));

const tests: readonly Case[] = [
  {
    rule: "eslint(no-restricted-globals)",
    text: "export const t = (f: () => void) => setTimeout(f, 1);",
  },
  { rule: "eslint(no-restricted-properties)", text: "export const t = () => Math.random();" },
  {
    rule: "eslint(no-restricted-imports)",
    text: 'export { setTimeout } from "node:timers/promises";',
  },
].map(({ rule, text }, index) => ({ rule, path: `test/controller/timed-${index}.test.ts`, text }));

const size: readonly Case[] = [
  { rule: "eslint(max-lines)", path: "src/adapters/long.ts", text: lines(301) },
  { rule: "eslint(max-lines)", path: "test/long.test.ts", text: lines(601) },
  {
    rule: "eslint(max-lines-per-function)",
    path: "src/adapters/long-function.ts",
    text: `export function run(sum: (n: number) => void): void {\n${statements(59)}\n}\n`,
  },
  {
    rule: "eslint(complexity)",
    path: "src/adapters/branchy.ts",
    text: `export function pick(n: number): number {\n${branches(10)}\n  return n;\n}\n`,
  },
  {
    rule: "eslint(max-params)",
    path: "src/adapters/wide.ts",
    text: "export const sum = (a: 1, b: 1, c: 1, d: 1, e: 1) => a + b + c + d + e;",
  },
  {
    rule: "eslint(max-depth)",
    path: "src/adapters/deep.ts",
    text: "export function f(a: boolean) { if (a) { for (;;) { while (a) { if (a) return; } } } }",
  },
];

const types: readonly Case[] = [
  { rule: "typescript(no-explicit-any)", text: "export const f = (a: any) => String(a);" },
  {
    rule: "typescript(no-non-null-assertion)",
    text: "export const f = (a?: string) => a!.length;",
  },
  {
    rule: "typescript(consistent-type-assertions)",
    text: "export const f = (a: unknown) => a as string;",
  },
  { rule: "typescript(ban-ts-comment)", text: "// @ts-ignore\nexport const f = 1;" },
  {
    rule: "typescript(no-floating-promises)",
    text: "const f = async () => 1;\nexport const g = () => { f(); };",
  },
  {
    rule: "typescript(switch-exhaustiveness-check)",
    text: 'export function f(a: "x" | "y"): void { switch (a) { case "x": f("y"); } }',
  },
].map(({ rule, text }, index) => ({ rule, path: `src/adapters/typed-${index}.ts`, text }));

const shape: readonly Case[] = [
  { rule: "import(no-default-export)", path: "src/adapters/default.ts", text: "export default 1;" },
  { rule: "oxc(no-barrel-file)", path: "src/api/barrel.ts", text: 'export * from "./clean.ts";' },
  {
    rule: "import(no-cycle)",
    path: "src/core/cycle-a.ts",
    text: 'import { b } from "./cycle-b.ts";\nexport const a = b;',
  },
  {
    rule: "import(no-cycle)",
    path: "src/core/cycle-b.ts",
    text: 'import { a } from "./cycle-a.ts";\nexport const b = a;',
  },
  {
    rule: "eslint(no-console)",
    path: "src/adapters/chatty.ts",
    text: "console.log(1);\nexport const c = 1;",
  },
  {
    rule: "unicorn(filename-case)",
    path: "src/adapters/camelCase.ts",
    text: "export const c = 1;",
  },
  {
    rule: "serin(constant-log-message)",
    path: "src/adapters/logging.ts",
    text: "export const f = (log: any, n: string) => log.info({}, `hello ${n}`);",
  },
  {
    rule: "vitest(no-focused-tests)",
    path: "test/focused.test.ts",
    text: 'import { it } from "vitest";\nit.only("is alone", () => {});',
  },
  {
    rule: "vitest(no-restricted-vi-methods)",
    path: "test/mocked.test.ts",
    text: 'import { vi } from "vitest";\nvi.mock("node:fs");',
  },
];

/** Just inside each bound, or where the rule makes its exception. */
const allowed: Readonly<Record<string, string>> = {
  "src/api/clean.ts": lines(400),
  "src/core/clean.ts":
    'import * as api from "../api/clean.ts";\nexport const at = (ms: number) => [new Date(ms), api];',
  "src/ports/clean.ts":
    'import type * as core from "../core/clean.ts";\nexport type Core = typeof core;',
  "src/adapters/clean.ts": lines(300),
  "src/adapters/system-clock.ts": "export const now = () => Date.now() + performance.now();",
  "src/adapters/decode.ts": "export const f = (a: unknown) => a as string;",
  "src/adapters/kubernetes/transport.ts": 'export { fetch } from "undici";',
  "src/controller/clean.ts": uses("../core/clean.ts"),
  "src/sandbox/clean.ts": uses("../adapters/kubernetes/transport.ts"),
  "src/compose/clean.ts": uses("../sandbox/clean.ts"),
  "src/cli/clean.ts": uses("../compose/clean.ts"),
  "src/codegen/clean.ts": "export const args = () => process.argv;",
  "src/adapters/full-function.ts": `export function run(sum: (n: number) => void): void {\n${statements(58)}\n}\n`,
  "src/adapters/exhaustive.ts":
    "export function f(a: 1 | 2 | 3) { switch (a) { case 1: return 2; case 2: return 3; case 3: return 1; } }",
  "test/clean.test.ts": lines(600),
};

const cases = [...layering, ...purity, ...time, ...edges, ...tests, ...size, ...types, ...shape];

describe("the lint rules", () => {
  let broken: Awaited<ReturnType<typeof lintTree>>;

  beforeAll(async () => {
    const tree = Object.fromEntries(cases.map(({ path, text }) => [path, text]));
    broken = await lintTree({ ...tree, ...allowed });
  }, 60_000);

  it.each(cases)("find $rule in $path", ({ rule, path }) => {
    expect([...(broken.get(path) ?? [])]).toContain(rule);
  });

  it.each(Object.keys(allowed))("find nothing in %s", (path) => {
    expect([...(broken.get(path) ?? [])]).toEqual([]);
  });
});
