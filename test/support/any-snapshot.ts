/** Snapshots as they may be, likely or not: every part of life in every kind of world, with texts of every length. */
import fc from "fast-check";
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { CommandAction } from "../../src/api/commands.ts";
import type { Freeze } from "../../src/core/canary/freeze.ts";
import type {
  Commands,
  MetricFacts,
  Pod,
  Snapshot,
  Workload,
} from "../../src/core/canary/snapshot.ts";
import { type Fact, known, missing, unknown } from "../../src/core/fact.ts";
import { blocksUntil, metricFacts, possibleCounts } from "./analysis.ts";
import { commandedStatuses, suspendedStatuses } from "./command-snapshots.ts";
import {
  aDueFreeze,
  aFrozenSpec,
  ago,
  aHeldFreeze,
  aPod,
  approvedAt,
  aSnapshot,
  aSpec,
  aSpecWith,
  aWorkload,
  blind,
  broken,
  errorRate,
  generatedSpec,
  healthy,
  mirrorFirst,
  now,
  settled,
  shared,
  silent,
  someRoutes,
  statuses,
  unreadable,
  unused,
} from "./snapshots.ts";

const hash = fc.constantFrom("good", "next", "third");
const count = fc.constantFrom(0, 1, 2, 4, 7);
const weight = fc.constantFrom(0, 1, 10, 25, 50, 100);
const text = fc.constantFrom("", "because of it", "long ".repeat(500));
const secondsAgo = fc.constantFrom(0, 5, 31, 45, 90, 700).map(ago);

function factOf<T>(value: fc.Arbitrary<T>, reason: string): fc.Arbitrary<Fact<T>> {
  return fc.oneof(
    { weight: 8, arbitrary: value.map(known) },
    { weight: 1, arbitrary: text.map((because) => missing(reason, because)) },
    { weight: 1, arbitrary: text.map(unknown) },
  );
}

const workload: fc.Arbitrary<Workload> = fc
  .record({
    templateHash: hash,
    replicas: count,
    availableReplicas: count,
    readyReplicas: count,
    isRolledOut: fc.boolean(),
    refusedPods: fc.option(text, { nil: undefined, freq: 5 }),
    markedHash: fc.option(hash, { nil: undefined }),
    restoreHash: fc.option(hash, { nil: undefined, freq: 2 }),
    generation: fc.nat(20),
    images: fc.constantFrom(
      ["web:1"],
      [],
      Array.from({ length: 40 }, () => "i".repeat(600)),
    ),
  })
  .map(aWorkload);

const pod: fc.Arbitrary<Pod> = fc
  .record({
    templateHash: fc.option(hash, { nil: undefined, freq: 5 }),
    isReady: fc.boolean(),
    hasServed: fc.boolean(),
    isExcused: fc.boolean(),
    trouble: fc.option(text, { nil: undefined, freq: 5 }),
    createdAt: fc.constantFrom(now - 5000, now - 300_000),
    readyChangedAt: fc.constantFrom(now - 1000, now - 25_000, now - 290_000),
    crash: fc.option(
      text.map((because) => ({ container: "web", because })),
      { nil: undefined, freq: 5 },
    ),
  })
  .map(aPod);

const metric: fc.Arbitrary<MetricFacts> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(healthy, broken, shared, silent, blind, unreadable, unused),
  },
  fc.constant(errorRate({ total: 100 }, { total: 900 }, { readAt: now - 120_000 })),
  fc
    .record({
      value: fc.option(fc.constantFrom(0, 5, 6, Number.POSITIVE_INFINITY), { nil: undefined }),
      breaches: fc.nat(3),
    })
    .map(({ value, breaches }) =>
      metricFacts(
        {
          readAt: now,
          latestValues: { canary: value, stable: value },
          values: value === undefined ? [] : [{ at: now, value }],
          breaches,
        },
        { kind: "Value", unit: "" },
      ),
    ),
  fc
    .record({ silentSince: fc.constantFrom(now - 1000, now - 500_000), isQuiet: fc.boolean() })
    .map(({ silentSince, isQuiet }) => ({
      ...unused,
      state: { ...unused.state, silentSince, ...(isQuiet && { quietSince: silentSince }) },
    })),
  fc
    .record({
      kind: fc.constantFrom("Ratio", "Latency"),
      breaches: fc.nat(3),
    })
    .chain(({ kind, breaches }) =>
      fc
        .tuple(possibleCounts(kind), possibleCounts(kind))
        .map(([canary, stable]) =>
          metricFacts({ blocks: blocksUntil(now, [[canary, stable]]), breaches }, { kind }),
        ),
    ),
);

/** What a spec may say of its one metric, and of what to do without a verdict. */
const analysis: fc.Arbitrary<CanarySpec["analysis"]> = fc
  .record({
    policy: fc.record({
      onFail: fc.option(fc.constant("Pause" as const), { nil: "Rollback" as const, freq: 8 }),
      onNoData: fc.constantFrom("Hold", "Fail"),
      dryRun: fc.option(fc.constant(true), { nil: false, freq: 8 }),
    }),
    onInconclusive: fc.record({ action: fc.constantFrom("Pause", "Rollback") }),
    onNoTraffic: fc.constantFrom<CanarySpec["analysis"]["onNoTraffic"]>(
      { action: "Hold" },
      { action: "PromoteAfterSeconds", seconds: 60 },
    ),
  })
  .map(({ policy, ...rest }) => ({ ...aSpecWith(policy).analysis, ...rest }));

const drain = fc.record(
  {
    startedAt: secondsAgo,
    routedAt: secondsAgo,
    confirmedAt: secondsAgo,
    unconfirmed: fc.boolean(),
  },
  { requiredKeys: ["startedAt"] },
);

const outbox = fc.array(
  fc.record({
    id: fc.string({ maxLength: 20 }),
    reason: fc.constant("StagePassed"),
    severity: fc.constantFrom("Info", "Warning", "Error"),
    message: fc.string({ maxLength: 20 }),
    at: secondsAgo,
    facts: fc.constant({}),
  }),
  { minLength: 0, maxLength: 20 },
);

const drift = fc.record(
  {
    repairedAt: fc.array(secondsAgo, { maxLength: 6 }),
    manager: fc.constant("argocd-controller"),
    seen: fc.constantFrom("17", "16"),
    isContested: fc.boolean(),
  },
  { requiredKeys: ["repairedAt", "manager", "seen"] },
);

/** A status as Serin writes it, with parts of it changed as crashes, restores and hands may change it. */
const anyStatus: fc.Arbitrary<CanaryStatus> = fc
  .tuple(
    fc.constantFrom(...Object.values(statuses), ...commandedStatuses, ...suspendedStatuses),
    fc.record(
      {
        canaryWeight: weight,
        drain,
        lastPromotedHash: hash,
        lastFailedHash: hash,
        refreshedAt: secondsAgo,
        drift,
        outbox,
        message: fc.constant("as it was"),
      },
      { requiredKeys: [] },
    ),
    fc.boolean(),
  )
  .map(([status, changes, isSettled]) => {
    const changed = { ...status, ...changes };
    return isSettled ? settled(changed) : changed;
  });

const commands: fc.Arbitrary<Commands> = fc.record({
  abort: fc.option(text, { nil: undefined, freq: 8 }),
  command: fc.option(
    fc.oneof(
      fc.record({
        kind: fc.constant("Readable" as const),
        id: fc.constantFrom("c-0", "c-1"),
        action: fc.constantFrom(...CommandAction.options),
        by: fc.constant("jane"),
        reason: text,
      }),
      text.map((because) => ({ kind: "Unreadable" as const, id: "u-1", because })),
    ),
    { nil: undefined, freq: 3 },
  ),
});

const base = {
  commands,
  deletion: fc.oneof(
    { weight: 2, arbitrary: fc.constant({ isAsked: false, isHeld: true }) },
    { weight: 1, arbitrary: fc.record({ isAsked: fc.boolean(), isHeld: fc.boolean() }) },
  ),
  namespace: factOf(
    fc.record({
      isEnding: fc.boolean(),
      readAt: fc.constantFrom(now, now - 5_000, now - 60_000),
    }),
    "Forbidden",
  ),
  target: factOf(workload, "TargetNotFound"),
  primary: factOf(
    workload.map((value) => ({ ...value, name: "web-primary" })),
    "PrimaryNotFound",
  ),
  autoscaler: factOf(
    fc.option(fc.constant("ScaledObject web"), { nil: undefined, freq: 9 }),
    "Invalid",
  ),
  neighbours: factOf(fc.array(text, { maxLength: 2 }), "PrimaryNotSelected"),
  routes: factOf(
    fc
      .record({
        canaryWeight: weight,
        isUniform: fc.boolean(),
        hasUnmanagedRules: fc.boolean(),
        otherRoutes: fc.constantFrom([], ["VirtualService shop/beside, its HTTP rule"]),
        writer: fc.record({
          kind: fc.constantFrom("Serin", "GitOps", "Hand", "Unknown"),
          manager: fc.constantFrom("somebody", "m".repeat(300)),
        }),
        mirror: fc.option(
          fc.record({ percentage: fc.constantFrom(5, 10, 100), isUniform: fc.boolean() }),
          { nil: undefined },
        ),
      })
      .map(someRoutes),
    "RouteNotFound",
  ),
  generatedRoute: factOf(fc.constantFrom("There" as const, "None" as const), "Invalid"),
  metrics: factOf(
    metric.map((value) => [value]),
    "TemplateNotFound",
  ),
  pods: factOf(
    fc.record({
      canary: fc.array(pod, { maxLength: 3 }),
      primary: fc.array(pod, { maxLength: 2 }),
    }),
    "Invalid",
  ),
  spec: factOf(
    fc
      .record({
        suspend: fc.boolean(),
        skipAnalysis: fc.option(fc.constant(true), { nil: false, freq: 8 }),
        analysis,
        routing: fc.constantFrom(aSpec().routing, generatedSpec.routing),
        stages: fc.constantFrom(
          aSpec().stages,
          approvedAt(2).stages,
          [{ weight: 100, minSeconds: 0, maxSeconds: 1800 }],
          mirrorFirst,
        ),
      })
      .map(aSpec),
    "Invalid",
  ),
  stall: fc.option(
    text.map((message) => ({ reason: "Forbidden" as const, message })),
    { nil: undefined, freq: 6 },
  ),
};

const freeze: fc.Arbitrary<Freeze> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "None" } as const) },
  {
    weight: 4,
    arbitrary: fc
      .record({ isSaved: fc.boolean(), isEdited: fc.boolean() })
      .map((changes) => aHeldFreeze(changes)),
  },
  fc
    .record({ isSaved: fc.boolean(), hasHeld: fc.boolean() })
    .map(({ isSaved, hasHeld }) =>
      aDueFreeze({ isSaved, ...(hasHeld && { held: aFrozenSpec() }) }),
    ),
  text.map((because) => ({ kind: "Lost", because }) as const),
  text.map(unknown),
);

/** Any status in any world. */
export const anySnapshot: fc.Arbitrary<Snapshot> = fc
  .record({ status: anyStatus, freeze, ...base })
  .map(aSnapshot);
