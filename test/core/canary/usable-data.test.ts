import { describe, expect, it } from "vitest";
import { heardAtOf, usableUntil } from "../../../src/core/canary/usable-data.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import { toInstant } from "../../../src/core/instant.ts";
import { metricFacts } from "../../support/analysis.ts";
import {
  ago,
  aRelease,
  aReleasing,
  aSnapshot,
  aSpec,
  healthy,
  now,
  progressing,
  unreadable,
} from "../../support/snapshots.ts";

const heard = (secondsAgo: number) =>
  metricFacts({ heardAt: now - 1000 * secondsAgo, readAt: now });
const failing = metricFacts({ failure: { reason: "Timeout", message: "5 s", at: now } });

const { analysis } = aSpec();
const metricNamed = (name: string, dryRun = false) =>
  analysis.metrics.map((metric) => ({ ...metric, name, dryRun }));
const metrics = [...metricNamed("error-rate"), ...metricNamed("other")];
const spec = known(aSpec({ analysis: { ...analysis, metrics } }));

describe("usable data", () => {
  const until = (
    read: readonly ReturnType<typeof metricFacts>[],
    release: { readonly heardAt?: string } = {},
  ) =>
    usableUntil(
      aReleasing(progressing(1, "confirmed", { release }), { spec, metrics: known(read) }),
    );

  it("reaches as far as that of the metric that was heard last of all", () => {
    expect(until([healthy])).toBe(now);
    expect(until([heard(5), heard(60)])).toBe(now - 60_000);
  });

  it("is not that of a dry run", () => {
    const dry = [...metricNamed("error-rate"), ...metricNamed("other", true)];
    const snapshot = aReleasing(progressing(1, "confirmed"), {
      spec: known(aSpec({ analysis: { ...analysis, metrics: dry } })),
      metrics: known([heard(5), heard(60)]),
    });
    expect(usableUntil(snapshot)).toBe(now - 5_000);
  });

  it("is what was written down where memory knows less, and no older than the stage's weight", () => {
    expect(until([failing], { heardAt: ago(30) })).toBe(now - 30_000);
    expect(until([failing], { heardAt: ago(900) })).toBe(now - 240_000);
    expect(until([heard(10)], { heardAt: ago(30) })).toBe(now - 10_000);
  });

  it("is that of a service that nobody has called yet, and no longer once somebody has", () => {
    const empty = metricFacts({ readAt: now });
    expect(until([empty])).toBe(now);
    expect(until([empty], { heardAt: ago(50) })).toBe(now - 50_000);
  });

  it("is any good read where the spec lets a service pass that nobody calls", () => {
    const onNoTraffic = { action: "PromoteAfterSeconds", seconds: 60 } as const;
    const snapshot = aReleasing(progressing(1, "confirmed"), {
      spec: known(aSpec({ analysis: { ...analysis, onNoTraffic } })),
      metrics: known([heard(60)]),
    });
    expect(usableUntil(snapshot)).toBe(now);
  });

  it("is not missed where nothing is judged", () => {
    const snapshot = aReleasing(progressing(1, "confirmed"), {
      spec: known(aSpec({ skipAnalysis: true })),
      metrics: known([failing]),
    });
    expect(usableUntil(snapshot)).toBeUndefined();
  });

  it("is not missed before anybody has looked, nor without a stage", () => {
    expect(until([healthy, metricFacts()])).toBeUndefined();
    const releasing = aReleasing(progressing(1, "confirmed"));
    expect(usableUntil({ ...releasing, metrics: unknown("not read yet") })).toBeUndefined();
    expect(usableUntil(aSnapshot())).toBeUndefined();
  });
});

describe("what is written down", () => {
  const written = (overrides: Parameters<typeof aSnapshot>[0]) =>
    heardAtOf(aSnapshot({ spec, ...overrides }), aRelease({ startedAt: ago(400) }));

  it("is the data of this release, of every metric", () => {
    expect(written({ metrics: known([heard(7), heard(20)]) })).toBe(now - 20_000);
    expect(toInstant(written({ metrics: known([unreadable]) }) ?? 0)).toBe(ago(20));
    expect(written({ metrics: known([heard(7), failing]) })).toBeUndefined();
    expect(written({ metrics: known([heard(401)]) })).toBeUndefined();
    expect(written({ metrics: known([]) })).toBeUndefined();
    expect(written({ metrics: missing("TemplateNotFound", "…") })).toBeUndefined();
  });
});
