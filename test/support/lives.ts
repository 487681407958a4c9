/** The lives of releases in which something happens besides the release itself. */
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { abort, command } from "./commanding.ts";
import type { Life, Moment, Step } from "./killed-life.ts";
import { writeWeights } from "./route-edits.ts";
import { shopManifests } from "./shop.ts";
import { annotatePods, breakPods, deletePods, healPods } from "./shop-faults.ts";
import { createValueTemplate, valueMetric } from "./value-template.ts";

const at = (weight: number) => (moment: Moment) =>
  moment.weight === weight && moment.status.release?.stage?.trafficConfirmedAt !== undefined;
const after =
  (ms: number, holds: (moment: Moment) => boolean = () => true) =>
  (moment: Moment) =>
    moment.sinceMs >= ms && holds(moment);
const waits =
  (reason: NonNullable<CanaryStatus["waiting"]>["reason"]) =>
  ({ status }: Moment) =>
    status.waiting?.reason === reason;
const promotes =
  (step: string) =>
  ({ status }: Moment) =>
    status.release?.promotion?.step === step;
/** Ended, and nothing around it wants mending. */
const failed = (status: CanaryStatus) =>
  hasFailed(status) &&
  status.conditions?.some(
    ({ type, reason }) => type === "Stalled" && reason === "ReleaseFailed",
  ) === true;
const hasFailed = ({ phase, drain }: CanaryStatus) => phase === "Failed" && drain === undefined;

const commands =
  (action: string, id?: string): Step["act"] =>
  ({ shop }) =>
    command(shop, action, id);
const pushes =
  (version: string): Step["act"] =>
  ({ shop }) =>
    shop.push(version);
/** As `kubectl rollout undo` does. */
const undoes: Step["act"] = ({ shop }) =>
  shop.patch("deployment", {
    spec: {
      template: {
        metadata: { annotations: null },
        spec: { containers: [{ name: "app", image: "example.com/orders:1" }] },
      },
    },
  });
const routes =
  (weight: number, manager: string): Step["act"] =>
  (bed) =>
    writeWeights(bed, weight, {
      manager,
      how: manager === "argocd-controller" ? "Apply" : "Update",
    });

const paths = {
  virtualService: "/apis/networking.istio.io/v1/namespaces/shop/virtualservices",
  target: "/apis/apps/v1/namespaces/shop/deployments",
} as const;
const removes =
  (what: keyof typeof paths): Step["act"] =>
  async ({ world }) => {
    await world.sandbox.admin.request({ method: "DELETE", path: `${paths[what]}/orders` });
  };
/** As its owner applies it again from git. */
const restores =
  (what: keyof typeof paths): Step["act"] =>
  async ({ world }) => {
    for (const { path, body } of shopManifests({ replicas: 2, canaryWeight: 0 }))
      if (path === paths[what]) await world.sandbox.admin.request({ method: "POST", path, body });
  };

const succeeded = (version: string) => ({
  phase: "Succeeded",
  primaryImage: `example.com/orders:${version}`,
  targetReplicas: 0,
  routedWeight: 0,
});
const rolledBack = (reason: string) => ({
  phase: "Failed",
  primaryImage: "example.com/orders:1",
  targetReplicas: 0,
  routedWeight: 0,
  failure: reason,
});
const brief = [10, 100].map((weight) => ({ weight, minSeconds: 2 }));

/** People, and the words they say. */
export const livesOfCommands: readonly Life[] = [
  {
    name: "paused and resumed",
    version: "good",
    script: [
      { when: at(10), act: commands("pause") },
      { when: after(6_000, waits("Paused")), act: commands("resume") },
    ],
    ends: { ...succeeded("2"), answer: ["resume", "Done"] },
  },
  {
    name: "approved at each stage",
    version: "good",
    shop: {
      spec: { stages: brief.map((stage) => ({ ...stage, approval: "Manual" })) },
    },
    script: [
      { when: waits("Approval"), act: commands("promote", "first") },
      {
        when: (moment) => moment.weight === 10 && waits("Approval")(moment),
        act: commands("promote", "second"),
      },
    ],
    ends: succeeded("2"),
    mayRaiseBlind: true,
  },
  {
    name: "aborted and tried again",
    version: "good",
    shop: { spec: { stages: brief } },
    script: [
      { when: at(10), act: ({ shop }) => abort(shop, "wrong prices") },
      { when: after(2_000, ({ status }) => hasFailed(status)), act: commands("retry") },
    ],
    ends: { ...succeeded("2"), answer: ["retry", "Done"] },
  },
  {
    name: "promoted by hand while it is measured",
    version: "good",
    shop: { spec: { stages: brief.map((stage) => ({ ...stage, minSeconds: 1200 })) } },
    script: [
      { when: at(10), act: commands("promote", "first") },
      { when: at(100), act: commands("promote", "second") },
    ],
    ends: { ...succeeded("2"), history: [{ reason: "PromotedByHand" }] },
    mayRaiseBlind: true,
  },
  {
    name: "suspended and taken up again",
    version: "good",
    script: [
      { when: at(50), act: ({ shop }) => shop.patch("canary", { spec: { suspend: true } }) },
      {
        when: after(4_000, ({ status }) => status.phase === "Suspended"),
        act: ({ shop }) => shop.patch("canary", { spec: { suspend: false } }),
      },
    ],
    ends: succeeded("2"),
  },
  {
    name: "with its spec edited",
    version: "good",
    script: [
      {
        when: at(10),
        act: ({ shop }) =>
          shop.patch("canary", {
            spec: { stages: [{ weight: 100 }], progressDeadlineSeconds: 61 },
          }),
      },
    ],
    ends: { ...succeeded("2"), peak: 100 },
  },
];

/** Others who write what Serin writes, and what it watches. */
export const livesOfHands: readonly Life[] = [
  {
    name: "lowered by hand and resumed",
    version: "good",
    script: [
      { when: at(50), act: routes(5, "kubectl-edit") },
      { when: after(4_000, waits("PausedByHand")), act: commands("resume") },
    ],
    ends: succeeded("2"),
  },
  {
    name: "raised by hand",
    version: "good",
    script: [{ when: at(10), act: routes(80, "kubectl-edit") }],
    ends: succeeded("2"),
  },
  {
    name: "lowered once by a tool",
    version: "good",
    script: [{ when: at(50), act: routes(10, "argocd-controller") }],
    ends: succeeded("2"),
  },
  {
    name: "contested by a tool, then resumed",
    version: "good",
    shop: {
      spec: {
        stages: [
          { weight: 10, minSeconds: 30 },
          { weight: 100, minSeconds: 2 },
        ],
      },
    },
    script: [
      { when: at(10), act: routes(60, "argocd-controller") },
      {
        when: after(3_000),
        act: routes(60, "argocd-controller"),
        until: waits("RoutesContested"),
      },
      { when: after(4_000, waits("RoutesContested")), act: commands("resume") },
    ],
    ends: succeeded("2"),
  },
  {
    name: "superseded",
    version: "good",
    shop: { spec: { stages: brief } },
    script: [{ when: at(10), act: pushes("3") }],
    ends: { ...succeeded("3"), history: [{ outcome: "Succeeded" }, { outcome: "Superseded" }] },
  },
  {
    name: "reverted",
    version: "good",
    script: [{ when: at(50), act: undoes }],
    isOver: ({ phase }) => phase === "Initialized",
    ends: {
      phase: "Initialized",
      routedWeight: 0,
      primaryImage: "example.com/orders:1",
      history: [{ outcome: "Reverted" }],
    },
  },
  {
    name: "superseded while the primary is being replaced",
    version: "good",
    shop: { spec: { stages: brief } },
    world: { podStartMs: { min: 3_000, max: 3_000 } },
    // A successor may find the copy made and the pods there, and pass both steps at once.
    script: [
      {
        when: (moment) => promotes("Copy")(moment) || promotes("Available")(moment),
        act: pushes("3"),
      },
    ],
    ends: { ...succeeded("3"), history: [{ outcome: "Succeeded" }, { outcome: "Superseded" }] },
  },
  {
    name: "without its VirtualService",
    version: "good",
    script: [
      { when: at(50), act: removes("virtualService") },
      { when: after(8_000, ({ status }) => hasFailed(status)), act: restores("virtualService") },
    ],
    isOver: failed,
    ends: rolledBack("RouteMissing"),
  },
  {
    name: "without its target",
    version: "good",
    script: [
      { when: at(50), act: removes("target") },
      { when: after(8_000, ({ status }) => hasFailed(status)), act: restores("target") },
    ],
    // What git has is the version that serves.
    isOver: ({ phase }) => phase === "Initialized",
    ends: {
      phase: "Initialized",
      primaryImage: "example.com/orders:1",
      targetReplicas: 0,
      routedWeight: 0,
      history: [{ outcome: "Failed", reason: "TargetMissing" }],
    },
  },
];

/** What is nobody's fault, or only the numbers tell whose. */
export const livesOfIncidents: readonly Life[] = [
  {
    name: "that harms stable",
    version: "good",
    script: [
      {
        when: at(10),
        act: ({ world }) => annotatePods(world, "2", { "sandbox.serin.dev/harm-percent": "40" }),
      },
    ],
    isOver: failed,
    ends: rolledBack("CanaryHarmsStable"),
    suffers: ["500 -"],
  },
  {
    name: "that an incident takes off for a while",
    version: "good",
    shop: { spec: { stages: brief } },
    script: [
      {
        when: at(10),
        async act({ world }) {
          await breakPods(world, "1");
          await breakPods(world, "2");
        },
      },
      {
        when: after(90_000, ({ weight }) => weight === 0),
        async act({ world }) {
          await healPods(world, "1");
          await healPods(world, "2");
        },
      },
    ],
    ends: succeeded("2"),
    suffers: ["500 -"],
    mayGoUntold: ["Retreated", "Resumed"],
  },
  {
    name: "without metrics for a while",
    version: "good",
    shop: { spec: { stages: brief, rollback: { withinSeconds: 20 } } },
    script: [
      {
        when: at(10),
        act: async ({ world }) => world.sandbox.prometheus.setFault({ kind: "Down" }),
      },
      {
        when: after(30_000, ({ weight }) => weight === 0),
        act: async ({ world }) => world.sandbox.prometheus.setFault(undefined),
      },
    ],
    ends: succeeded("2"),
    mayGoUntold: ["Retreated", "Resumed"],
  },
  {
    name: "taken off while no pod of the primary is ready",
    version: "good",
    script: [
      {
        when: at(10),
        async act({ world, shop }) {
          await deletePods(world, "1");
          await world.settle();
          await abort(shop, "it is wrong");
        },
      },
    ],
    isOver: failed,
    ends: rolledBack("Aborted"),
    suffers: ["503 UH"],
    // Whoever takes over finds the primary's pods ready again, and routes that are late.
    mayGoUntold: ["StableHasNoPods", "RollbackUnconfirmed"],
  },
  {
    name: "that nobody can reach",
    version: "good",
    script: [
      {
        when: at(10),
        act: ({ world }) => annotatePods(world, "2", { "sandbox.serin.dev/ejected": "true" }),
      },
    ],
    isOver: failed,
    ends: rolledBack("CanaryUnreachable"),
    suffers: ["503 UH"],
  },
  {
    name: "that a value fails",
    version: "bad",
    shop: { spec: { analysis: { intervalSeconds: 2, warmupSeconds: 3, metrics: valueMetric } } },
    prepare: createValueTemplate,
    script: [],
    isOver: failed,
    ends: rolledBack("MetricLimitExceeded"),
    suffers: ["500 -"],
  },
  {
    name: "of a service that nobody calls",
    version: "good",
    shop: {
      requestsPerSecond: 0,
      spec: {
        stages: [{ weight: 100, minSeconds: 2 }],
        analysis: {
          intervalSeconds: 2,
          warmupSeconds: 3,
          onNoTraffic: { action: "PromoteAfterSeconds", seconds: 60 },
          metrics: [
            {
              name: "error-rate",
              templateRef: { kind: "AnalysisTemplate", name: "errors" },
              limit: { max: 5, consecutive: 2, minSamples: 20 },
              compare: null,
            },
          ],
        },
      },
    },
    script: [],
    ends: { ...succeeded("2"), history: [{ outcome: "Succeeded" }] },
    mayRaiseBlind: true,
  },
];
