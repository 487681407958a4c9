/** What the page for people on call has to say: every series, every line of the log, every Event that wants a person. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createPrometheusMetrics } from "../../src/adapters/observability/prometheus-metrics.ts";
import { conditions, events } from "../../src/api/conditions.ts";
import { logMessages } from "../../src/api/log-messages.ts";
import { canarySeries, controllerSeries, helpOf } from "../../src/api/metric-series.ts";
import { printLogMessages, printSeries } from "../../src/codegen/signals.ts";
import { readSourceFiles } from "../support/source-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");
const page = (name: string): string => readFileSync(`${root}/docs/${name}`, "utf8");

/** Messages of the calls of a log in this text: lint has it that each is a literal and the second argument. */
function messagesIn(text: string): readonly string[] {
  const call = /\b#?log\??\.(?:debug|info|warn|error)\((?<rest>[\s\S]*?)\);?$/gim;
  const calls = [...text.matchAll(call)];
  return calls.map(({ groups }) => {
    const literals = [...(groups?.["rest"] ?? "").matchAll(/"(?<text>(?:[^"\\]|\\.)*)"/g)];
    return literals.at(-1)?.groups?.["text"] ?? "(none)";
  });
}

const logging = readSourceFiles(root).filter(
  ({ path }) => /^src\/(?!sandbox|codegen).*\.ts$/.test(path) && path !== "src/api/log-messages.ts",
);

describe("a line of the log", () => {
  it("is found in the sources whatever the call looks like", () => {
    const text = `
      log.info({}, "one");
      this.#options.log.warn(
        { key: change.key, because: "a reason" },
        "two",
      );
      .catch((error: unknown) => this.#log.error({ error }, "three"))
      else log.debug(fields, "four");
      console.log("five");
    `;
    expect(messagesIn(text)).toEqual(["one", "two", "three", "four"]);
  });

  it("is in the catalogue, and the catalogue has no other", () => {
    const said = logging.flatMap(({ lines }) => messagesIn(lines.join("\n")));
    // What the outlet of the log itself says, past the log.
    said.push("log lines were lost");
    expect([...new Set(said)].toSorted()).toEqual(Object.keys(logMessages).toSorted());
  });

  it("has the level that the catalogue says", () => {
    const text = logging.map(({ lines }) => lines.join("\n")).join("\n");
    for (const [message, { level }] of Object.entries(logMessages)) {
      if (message === "log lines were lost") continue;
      const before = text.slice(0, text.indexOf(`"${message}"`));
      const levels = [...before.matchAll(/log\.(debug|info|warn|error)\(/gi)];
      expect([message, levels.at(-1)?.[1]]).toEqual([message, level]);
    }
  });

  it("is on the page, with what to do", () => {
    expect(page("operations.md")).toContain(printLogMessages());
    for (const { means, remedy } of Object.values(logMessages))
      expect([means.endsWith("."), remedy.endsWith(".")]).toEqual([true, true]);
  });
});

describe("a series of /metrics", () => {
  const catalogue = { ...canarySeries, ...controllerSeries };

  it("is registered as the catalogue has it, and none beside", async () => {
    const { text } = await createPrometheusMetrics({ withProcess: false }).render();
    const helps = [...text.matchAll(/^# HELP (.+)$/gm)].map(([, line]) => line ?? "");
    const expected = Object.entries(catalogue).map(([name, entry]) => `${name} ${helpOf(entry)}`);
    expect(helps.toSorted()).toEqual(expected.toSorted());
    const kinds = [...text.matchAll(/^# TYPE (.+)$/gm)].map(([, line]) => line ?? "");
    const expectedKinds = Object.entries(catalogue).map(
      ([name, { kind }]) => `${name} ${kind.toLowerCase()}`,
    );
    expect(kinds.toSorted()).toEqual(expectedKinds.toSorted());
  });

  it("says its unit, also by its name where that is a time or a count", () => {
    for (const [name, { unit, kind }] of Object.entries(catalogue)) {
      expect(unit).not.toBe("");
      expect([name, name.endsWith("_seconds")]).toEqual([name, unit === "seconds"]);
      expect([name, name.endsWith("_total")]).toEqual([name, kind === "Counter"]);
    }
  });

  it("is on the page, with what to make of it", () => {
    expect(page("operations.md")).toContain(printSeries());
    for (const { use } of Object.values(catalogue)) expect(use).toMatch(/[.`]$/);
  });
});

describe("a word of a Canary", () => {
  const reference = page("reference/conditions.md");

  it("is in the reference, whatever condition has it", () => {
    const reasons = Object.values(conditions).flatMap(({ reasons: byStatus }) =>
      Object.values(byStatus).flatMap((of) => Object.keys(of)),
    );
    expect(reasons.filter((reason) => !reference.includes(`\`${reason}\``))).toEqual([]);
    expect(Object.keys(events).filter((event) => !reference.includes(`\`${event}\``))).toEqual([]);
  });

  it("is on the page for people on call, or on the one that it links, if it wants a person", () => {
    const text = page("operations.md") + page("deletion.md");
    const urgent = Object.entries(events).filter(([, { severity }]) => severity === "Error");
    expect(urgent.length).toBeGreaterThan(3);
    expect(urgent.map(([name]) => name).filter((name) => !text.includes(`\`${name}\``))).toEqual(
      [],
    );
  });
});
