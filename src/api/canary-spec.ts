/** What a user asks of a release: the spec of a Canary. A field is here only if code honours it. */
import { z } from "zod";
import { objectName, seconds } from "./fields.ts";
import { GeneratedRouting } from "./generated-routing.ts";

export const TargetReference = z
  .object({
    apiVersion: z.literal("apps/v1").default("apps/v1").describe("API version of the workload."),
    kind: z.literal("Deployment").default("Deployment").describe("Kind of the workload."),
    name: objectName.max(55).describe("Name of the workload, in the Canary's namespace."),
  })
  .describe("The workload whose new versions are released in stages. Cannot be changed.")
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "self == oldSelf",
        message:
          "targetRef cannot be changed; delete the Canary and create one for the other workload",
      },
    ],
  });

export const VirtualServiceReference = z.object({
  name: objectName.describe(
    "Name of an existing VirtualService, in the Canary's namespace. It stays yours.",
  ),
  routes: z
    .array(z.string().min(1).max(253))
    .min(1)
    .max(16)
    .meta({ "x-kubernetes-list-type": "set" })
    .optional()
    .describe(
      "Names of the HTTP rules whose weights Serin sets, all as one step. May be left out when the object has exactly one HTTP rule.",
    ),
});

export const DestinationRuleReference = z.object({
  name: objectName
    .optional()
    .describe(
      "Name of the DestinationRule that defines the subsets. Default: found by the destinations' host.",
    ),
  stableSubset: objectName.default("stable").describe("Subset that selects the primary's pods."),
  canarySubset: objectName.default("canary").describe("Subset that selects the target's pods."),
  shadowSubset: objectName
    .optional()
    .describe(
      "Subset that copies of requests are sent to in a mirror stage; it must select the target's pods. Default: the canary's subset.",
    ),
});

export const IstioRouting = z
  .object({
    virtualServices: z
      .array(VirtualServiceReference)
      .min(1)
      .max(8)
      .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] })
      .optional()
      .describe(
        "VirtualServices that Serin adopts: it changes only the weights, and in a mirror stage the mirror, of the rules named here. All of them move as one step.",
      ),
    generate: GeneratedRouting.optional().describe(
      "Serin makes the routing objects: a DestinationRule and a VirtualService of the Service's name, and the Service unless there is one. Needs service.port and service.targetPort.",
    ),
    destinationRule: DestinationRuleReference.optional().describe(
      "Where the subsets are defined, when the rule's destinations name subsets.",
    ),
    propagationSeconds: seconds({ min: 0, max: 60 })
      .default(5)
      .describe("Time that the mesh is given to bring a change of the routes to every proxy."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "has(self.virtualServices) != has(self.generate)",
        message: "give exactly one of virtualServices and generate",
      },
      {
        rule: "!has(self.generate) || !has(self.destinationRule)",
        message: "leave destinationRule out: it is generated with the rest",
      },
    ],
  });

export const Routing = z
  .object({
    istio: IstioRouting.optional().describe("Route by the weights of Istio VirtualServices."),
  })
  .describe("How live traffic is divided between the versions; exactly one provider.")
  .meta({
    "x-kubernetes-validations": [
      { rule: "has(self.istio)", message: "name exactly one routing provider: istio" },
    ],
  });
export type Routing = z.infer<typeof Routing>;

export const MirrorStage = z
  .object({
    percentage: z
      .int32()
      .min(1)
      .max(100)
      .default(10)
      .describe(
        "Share of live requests that is copied, in percent; above 10 with allowAbove10: true.",
      ),
    target: z
      .enum(["Canary"])
      .default("Canary")
      .describe("Who gets the copies. Canary: the target's pods, which have no live traffic yet."),
    sideEffects: z
      .enum(["None"])
      .optional()
      .describe(
        "None: you say that answering a request twice does no harm: nothing is stored, sent or charged twice. Needed for target Canary.",
      ),
    allowAbove10: z
      .boolean()
      .default(false)
      .describe("Allows a percentage above 10: every copy costs what a request costs."),
  })
  .describe(
    "Copies of live requests go to the new version and its answers are thrown away: it is judged before anybody depends on it. Only before the first weight.",
  )
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "self.percentage <= 10 || self.allowAbove10",
        message: "a percentage above 10 needs allowAbove10: true",
      },
      {
        rule: "self.target != 'Canary' || has(self.sideEffects)",
        message:
          "target Canary needs sideEffects: None, that is, requests that may be answered twice",
      },
    ],
  });

export const Stage = z
  .object({
    weight: z
      .int32()
      .min(1)
      .max(100)
      .optional()
      .describe(
        "Share of live requests that the new version gets in this stage, in percent. A stage has either weight or mirror.",
      ),
    mirror: MirrorStage.optional(),
    minSeconds: seconds({ min: 0, max: 86_400 })
      .default(60)
      .describe(
        "Shortest stay in this stage, counted from the moment the traffic was seen to have moved.",
      ),
    approval: z
      .enum(["Manual"])
      .optional()
      .describe(
        "Manual: a person is asked before this stage is entered; until they promote the release keeps the weight before, and analysis and rollback go on.",
      ),
    maxSeconds: seconds({ min: 1, max: 604_800 })
      .default(1800)
      .describe(
        "Longest stay in this stage without a verdict, counted like minSeconds: then analysis.onInconclusive. It begins anew when somebody resumes the release, and says nothing where there is no data.",
      ),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "has(self.weight) != has(self.mirror)",
        message: "give a stage exactly one of weight and mirror",
      },
      {
        rule: "self.maxSeconds >= self.minSeconds",
        message: "maxSeconds must not be below minSeconds; raise maxSeconds",
      },
    ],
  });
export type Stage = z.infer<typeof Stage>;

export const MetricLimit = z.object({
  max: z
    .number()
    .min(0)
    .max(1e9)
    .describe(
      "Largest value that is still good: percent for a ratio, the template's unit for a latency or a value.",
    ),
  consecutive: z
    .int32()
    .min(1)
    .max(10)
    .default(2)
    .describe(
      "How many checks in a row, each with new samples, must be beyond the limit to fail the release.",
    ),
  minSamples: z
    .int32()
    .min(1)
    .max(1_000_000)
    .default(20)
    .describe(
      "Fewest canary requests on which the limit may be judged. A value has no requests: it is judged as it is read.",
    ),
});
export type MetricLimit = z.infer<typeof MetricLimit>;

export const ComparisonMargin = z.object({
  ratio: z
    .number()
    .min(1)
    .max(100)
    .describe("How many times stable's share of bad requests, before `add` is added."),
  add: z
    .number()
    .min(0)
    .max(100)
    .describe(
      "Percentage points of all requests on top of that; 0.1 is one bad request in a thousand.",
    ),
});

export const Comparison = z
  .object({
    tolerated: ComparisonMargin.describe(
      "What the new version may have at most. It fails once it is surely beyond it.",
    ),
    harmful: ComparisonMargin.describe(
      "What must be excluded before it gets all traffic: it is surely short of it. For a lower weight correspondingly less is asked.",
    ),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "self.harmful.ratio >= self.tolerated.ratio && self.harmful.add > self.tolerated.add",
        message:
          "harmful must be more than tolerated: raise harmful.add above tolerated.add, and harmful.ratio to at least tolerated.ratio",
      },
    ],
  });
export type Comparison = z.infer<typeof Comparison>;

export const TemplateReference = z.object({
  kind: z
    .enum(["AnalysisTemplate", "ClusterAnalysisTemplate"])
    .default("ClusterAnalysisTemplate")
    .describe("Kind of the template; an AnalysisTemplate is looked for in the Canary's namespace."),
  name: objectName.describe(
    "Name of the template, for example istio-error-rate; analysis-templates/ has those that are shipped.",
  ),
});
export type TemplateReference = z.infer<typeof TemplateReference>;

export const Metric = z.object({
  name: objectName
    .max(63)
    .describe("Name of this metric in status, events and messages; unique in the list."),
  templateRef: TemplateReference.describe("The template that says how the metric is measured."),
  args: z
    .record(z.string().max(63), z.string().max(1024))
    .meta({ maxProperties: 16 })
    .optional()
    .describe("Values for the template's arguments, by their names."),
  limit: MetricLimit.describe("The hard limit: beyond it the metric fails."),
  compare: Comparison.nullable()
    .optional()
    .describe(
      "How much more than stable's the new version's bad requests may be: errors of a ratio; of a latency requests slower than the limit and than bounds near stable's P99. Left out: 1.2 times and 0.1 points are tolerated, 1.5 times and 0.5 points harmful; of a latency 0.2 and 1 point. null: judged by the limit alone. A value is never compared.",
    ),
  onFail: z
    .enum(["Rollback", "Pause"])
    .default("Rollback")
    .describe(
      "What a metric that fails does. Rollback: all traffic goes back to the primary. Pause: the release waits at its weight for a human, with reason MetricFailed; another metric may still roll it back.",
    ),
  onNoData: z
    .enum(["Hold", "Fail"])
    .default("Hold")
    .describe(
      "What a metric without data on the new version does. Hold: nothing is decided without it. Fail: it fails, once the new version has had traffic routed to it for rollback.withinSeconds while the provider answered and had nothing on it. A provider that does not answer fails no release.",
    ),
  dryRun: z
    .boolean()
    .default(false)
    .describe("True: the metric is measured and shown, and never decides anything."),
});
export type Metric = z.infer<typeof Metric>;

export const OnInconclusive = z
  .object({
    action: z
      .enum(["Pause", "Rollback", "PromoteIfExcluded"])
      .default("Pause")
      .describe(
        "Pause: the release waits at its weight for a human, with reason Inconclusive. Rollback: it fails with that reason. PromoteIfExcluded: the stage is passed if every limit holds and every comparison excludes an excess of `excessBelow`; else the release waits.",
      ),
    excessBelow: z
      .number()
      .min(0.001)
      .max(100)
      .optional()
      .describe(
        "Largest excess over harmful.ratio times stable's share that may remain possible, in percentage points.",
      ),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "has(self.excessBelow) == (self.action == 'PromoteIfExcluded')",
        message: "give excessBelow with action PromoteIfExcluded, and only with it",
      },
    ],
  });

export const OnNoTraffic = z
  .object({
    action: z
      .enum(["Hold", "PromoteAfterSeconds"])
      .default("Hold")
      .describe(
        "Hold: the release waits for the first requests. PromoteAfterSeconds: a stage in which nobody calls either version for `seconds` is passed without evidence; the history calls such a release unproven.",
      ),
    seconds: seconds({ min: 60, max: 86_400 })
      .optional()
      .describe("How long nobody must have called, in each stage."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "has(self.seconds) == (self.action == 'PromoteAfterSeconds')",
        message: "give seconds with action PromoteAfterSeconds, and only with it",
      },
    ],
  });

export const Analysis = z.object({
  intervalSeconds: seconds({ min: 1, max: 3600 })
    .default(15)
    .describe("Time between two checks of every metric."),
  warmupSeconds: seconds({ min: 0, max: 3600 })
    .default(30)
    .describe(
      "Time after the first live traffic, and after new pods, in which latency limits do not apply.",
    ),
  falseRollbackProbability: z
    .number()
    .min(0.000_001)
    .max(0.5)
    .default(0.01)
    .describe(
      "How probable it may be that a release which never leaves what is tolerated is rolled back by comparison, over its whole life and however often it is looked at.",
    ),
  harmfulPromotionProbability: z
    .number()
    .min(0.000_001)
    .max(0.5)
    .default(0.05)
    .describe(
      "How probable it may be that a release which is harmful throughout passes a stage by comparison.",
    ),
  metrics: z
    .array(Metric)
    .max(16)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] })
    .default([
      {
        name: "error-rate",
        templateRef: { kind: "ClusterAnalysisTemplate", name: "istio-error-rate" },
        limit: { max: 5, consecutive: 2, minSamples: 20 },
        onFail: "Rollback",
        onNoData: "Hold",
        dryRun: false,
      },
      {
        name: "latency-p99",
        templateRef: { kind: "ClusterAnalysisTemplate", name: "istio-latency-p99" },
        limit: { max: 500, consecutive: 2, minSamples: 20 },
        onFail: "Rollback",
        onNoData: "Hold",
        dryRun: false,
      },
    ])
    .describe(
      "What decides. Every metric that is no dry run must hold its limit for a stage to be passed. Without skipAnalysis at least one must decide, and at least one must count requests (a ratio or a latency).",
    ),
  onNoTraffic: OnNoTraffic.default(OnNoTraffic.parse({})).describe(
    "What happens while nobody calls the service, neither the new version nor the stable one.",
  ),
  onInconclusive: OnInconclusive.default(OnInconclusive.parse({})).describe(
    "What happens when a stage has had its maxSeconds and its numbers, and some metric still has no verdict.",
  ),
});

export const Rollback = z.object({
  withinSeconds: seconds({ min: 5, max: 600 })
    .default(120)
    .describe(
      "Longest time in which traffic must be off a version that is beyond a limit. A spec whose own times add up to more is not accepted.",
    ),
  canaryScaleDownDelaySeconds: seconds({ min: 0, max: 3600 })
    .default(30)
    .describe("How long the idle pods are kept after their last live request was seen."),
});

export const AlertReference = z.object({
  providerRef: z
    .object({ name: objectName.describe("Name of the AlertProvider, in the Canary's namespace.") })
    .describe("Where to tell."),
  severity: z
    .enum(["Info", "Warning", "Error"])
    .default("Info")
    .describe(
      "Least severe message that is told: Info tells everything, Error only what needs a human.",
    ),
});
export type AlertReference = z.infer<typeof AlertReference>;

const portNumber = z.int32().min(1).max(65_535);

const stageRules = [
  {
    rule: "self.filter(s, has(s.weight)).map(s, s.weight).isSorted() && self.all(s, !has(s.weight) || self.exists_one(t, has(t.weight) && t.weight == s.weight))",
    message: "weights must rise from stage to stage, for example 10, 25, 50, 100",
  },
  {
    rule: "self.exists(s, has(s.weight) && s.weight == 100)",
    message: "the last stage must have weight 100; add { weight: 100 }",
  },
  {
    rule: "self.map(s, has(s.weight) ? 1 : 0).isSorted()",
    message: "mirror stages must stand before the first weight",
  },
];

const specRules = [
  {
    rule: "!has(self.routing.istio) || !has(self.routing.istio.generate) || (has(self.service) && has(self.service.port) && has(self.service.targetPort))",
    message: "routing.istio.generate needs service.port and service.targetPort",
  },
];

export const CanarySpec = z
  .object({
    targetRef: TargetReference,
    selectorLabel: z
      .string()
      .min(1)
      .max(316)
      .optional()
      .describe(
        "Label of the target's selector whose value tells the versions apart. Default: the first of app, name, app.kubernetes.io/name.",
      ),
    service: z
      .object({
        // A Service's name has at most 63 characters, and the primary's is derived from it.
        name: objectName
          .max(55)
          .optional()
          .describe("Name of the Service that clients call. Default: the target's name."),
        port: portNumber
          .optional()
          .describe("Port by which clients call it. Needed by routing.istio.generate."),
        portName: z
          .string()
          .max(63)
          .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
          .default("http")
          .describe(
            "Name of the generated Service's port; Istio takes the protocol from it: http, http2, grpc.",
          ),
        targetPort: portNumber
          .optional()
          .describe("Port of the pods. Needed by routing.istio.generate."),
      })
      .optional()
      .describe(
        "The Service that clients call. May be left out where it is named like the target and routes are not generated.",
      ),
    routing: Routing,
    stages: z
      .array(Stage)
      .min(1)
      .max(20)
      .default([
        { weight: 10, minSeconds: 60, maxSeconds: 1800 },
        { weight: 25, minSeconds: 60, maxSeconds: 1800 },
        { weight: 50, minSeconds: 60, maxSeconds: 1800 },
        { weight: 100, minSeconds: 60, maxSeconds: 1800 },
      ])
      .meta({ "x-kubernetes-list-type": "atomic", "x-kubernetes-validations": stageRules })
      .describe("The stages of a release in order; weights rise and end at 100."),
    analysis: Analysis.default(Analysis.parse({})).describe(
      "What is measured, how often, and what is too much.",
    ),
    rollback: Rollback.default(Rollback.parse({})).describe("How a bad version is taken off."),
    onDeletion: z
      .enum(["Revert", "Orphan"])
      .default("Revert")
      .describe(
        "What becomes of the workload when this Canary is deleted. Revert: the target gets the primary's replicas and all traffic, then the primary goes; where the target has an unproven template the primary is kept and serves. Orphan: everything stays as it is.",
      ),
    alerts: z.array(AlertReference).max(8).default([]).describe("Who is told about releases."),
    skipAnalysis: z
      .boolean()
      .default(false)
      .describe(
        "True: a new version gets all traffic as soon as its pods are available, and is promoted, whatever the metrics say; what metrics there are is shown. Pods that crash or do not become available still fail it, and the history calls it unproven. Takes effect with the next release.",
      ),
    suspend: z
      .boolean()
      .default(false)
      .describe(
        "Stops everything but rollbacks, at once: no stages, no pushes, no drift repair, so that people may route and scale by hand.",
      ),
    progressDeadlineSeconds: seconds({ min: 10, max: 86_400 })
      .default(600)
      .describe("Longest time that pods may take to become available before the release fails."),
  })
  .meta({ "x-kubernetes-validations": specRules });
export type CanarySpec = z.infer<typeof CanarySpec>;
