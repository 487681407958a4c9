/** What Serin tells about a Canary, and all the state from which any controller can go on with a release. */
import { z } from "zod";
import { LastCommand } from "./commands.ts";
import { instant } from "./fields.ts";

export const Phase = z.enum([
  "Initializing",
  "Initialized",
  "Waiting",
  "Progressing",
  "Promoting",
  "Finalising",
  "Succeeded",
  "Failed",
  "Suspended",
  "Terminating",
]);
export type Phase = z.infer<typeof Phase>;

export const StageStatus = z.object({
  index: z.int32().min(0).max(19).describe("Position of the stage in spec.stages, from 0."),
  count: z
    .int32()
    .min(1)
    .max(20)
    .optional()
    .describe("How many stages the release has; spec.stages may have been edited meanwhile."),
  kind: z
    .enum(["Mirror", "Weight"])
    .optional()
    .describe("Mirror: the new version gets copies of requests. Weight, the default: live ones."),
  weight: z
    .int32()
    .min(0)
    .max(100)
    .describe("Weight of the stage, in percent; 0 in a mirror stage."),
  mirrorPercentage: z
    .int32()
    .min(1)
    .max(100)
    .optional()
    .describe("Share of live requests that is copied in a mirror stage, in percent."),
  enteredAt: instant.describe("When the stage was begun: its capacity is brought up from here on."),
  shiftedAt: instant.optional().describe("When the stage's weight was decided."),
  routedAt: instant.optional().describe("When the routing objects were seen to carry the weight."),
  trafficConfirmedAt: instant
    .optional()
    .describe(
      "When callers' own reports showed that the traffic had moved; the stage's clock starts here.",
    ),
  resumedAt: instant
    .optional()
    .describe("When somebody let the release go on in this stage; its longest stay starts anew."),
  approvedAt: instant
    .optional()
    .describe("When somebody let the release enter this stage, if it asks for that."),
  byCommand: z
    .string()
    .max(64)
    .optional()
    .describe("Id of the command that entered this stage: its first raise needs no fresh check."),
  raisedFrom: z
    .int32()
    .min(0)
    .max(100)
    .optional()
    .describe("Weight of the routes when a command's stage was entered; from less, checks count."),
  passedBy: z
    .string()
    .max(64)
    .optional()
    .describe("Id of the command by which this last stage is left once its weight is routed."),
});
export type StageStatus = z.infer<typeof StageStatus>;

export const PromotionStep = z.enum(["Copy", "Available", "Shift", "Restore"]);
export type PromotionStep = z.infer<typeof PromotionStep>;

export const PromotionStatus = z.object({
  step: PromotionStep.describe(
    "Copy: the primary gets the new template. Available: its pods become available. Shift: traffic returns to it. Restore: the old template is written back.",
  ),
  since: instant.describe("When this step began."),
  savedHash: z
    .string()
    .max(64)
    .describe("Hash of the primary's template before the copy; a ControllerRevision holds it."),
});
export type PromotionStatus = z.infer<typeof PromotionStatus>;

export const RollbackStatus = z.object({
  reason: z.string().max(64).describe("Why, as one word from the catalogue of reasons."),
  message: z.string().max(1024).describe("Why, with the numbers."),
  metric: z.string().max(63).optional().describe("The metric that decided, if one did."),
  value: z.number().optional().describe("The canary's value of that metric."),
  limit: z.number().optional().describe("The limit it broke."),
  detectedAt: instant.describe("When the first check of the deciding run was made."),
  decidedAt: instant.describe("When the rollback was decided."),
  appliedAt: instant.optional().describe("When every routing object was seen without the canary."),
  confirmedAt: instant
    .optional()
    .describe("When live requests to the canary were seen to have stopped."),
});
export type RollbackStatus = z.infer<typeof RollbackStatus>;

export const RetreatReason = z.enum(["SharedIncident", "NoData"]);
export type RetreatReason = z.infer<typeof RetreatReason>;

export const RetreatStatus = z
  .object({
    reason: RetreatReason.describe(
      "SharedIncident: stable and the new version were beyond a limit together. NoData: the metrics gave no usable data for too long.",
    ),
    message: z.string().max(1024).describe("Why, with the numbers."),
    metric: z.string().max(63).optional().describe("The metric that both versions broke."),
    value: z.number().optional().describe("The new version's value of that metric."),
    stableValue: z.number().optional().describe("Stable's value of that metric."),
    limit: z.number().optional().describe("The limit that both broke."),
    detectedAt: instant.describe("When it was first seen."),
    decidedAt: instant.describe(
      "When the retreat was decided; status.drain says when it was applied and confirmed.",
    ),
  })
  .describe(
    "All traffic was taken off the new version without a verdict on it; the release starts again at its first stage once stable is well.",
  );
export type RetreatStatus = z.infer<typeof RetreatStatus>;

export const ReleaseStatus = z.object({
  id: z.string().max(64).describe("Identity of this release: the template's hash and a counter."),
  templateHash: z.string().max(64).describe("Hash of the pod template under release."),
  images: z
    .array(z.string().max(512))
    .max(32)
    .describe("Container images of the template under release."),
  startedAt: instant.describe("When the release was started."),
  primaryReplicas: z.int32().min(0).describe("Replicas of the primary when the release started."),
  specRevision: z
    .string()
    .max(253)
    .optional()
    .describe(
      "ControllerRevision that holds the spec, with its templates, which this release is held to; edits act with the next one.",
    ),
  claims: z
    .array(
      z.object({
        key: z.string().max(1024).describe("What it is, by kind and name."),
        rules: z
          .array(z.string().max(253))
          .max(16)
          .optional()
          .describe("HTTP rules of a VirtualService; left out where it is the whole object."),
      }),
    )
    .max(544)
    .optional()
    .describe(
      "Workloads and routes that no other Canary gets before this release has ended, whatever the spec asks for by now.",
    ),
  peakWeight: z.int32().min(0).max(100).describe("Largest weight the release has had."),
  firstTrafficAt: instant
    .optional()
    .describe("When live traffic was first confirmed; warm-up starts here."),
  unmanagedShare: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Share of the requests that routes outside Serin's management send to stable, as learned in earlier stages.",
    ),
  unproven: z
    .boolean()
    .optional()
    .describe("True once the release has got on without evidence, because the spec allows it."),
  stage: StageStatus.optional().describe("The current stage."),
  plan: z
    .string()
    .max(1024)
    .optional()
    .describe(
      "What a good version was expected to take when the first weight was set, at the rate of requests then, with what cannot be promised at it.",
    ),
  promotion: PromotionStatus.optional().describe("Progress of the promotion."),
  abandoned: z
    .object({
      templateHash: z.string().max(64).describe("Hash of the template that was to be copied."),
      savedHash: z.string().max(64).describe("Hash of the template that the primary had."),
    })
    .optional()
    .describe("A copy that the release before gave up; one that arrives late is taken back."),
  retreat: RetreatStatus.optional(),
  retreats: z
    .int32()
    .min(0)
    .optional()
    .describe("How many retreats this release has made; after the third it waits for a human."),
  heardAt: instant
    .optional()
    .describe("When every metric last gave usable data, as of the latest write of this status."),
  failingAt: instant
    .optional()
    .describe("When people were told that the version, just promoted, is beyond a limit."),
  rollback: RollbackStatus.optional().describe("The rollback, if the release was rolled back."),
  byHand: z
    .string()
    .max(1024)
    .optional()
    .describe("The last command that let this release go on without evidence, in words."),
});
export type ReleaseStatus = z.infer<typeof ReleaseStatus>;

export const DrainStatus = z
  .object({
    startedAt: instant.describe("When the target's weight was set to 0."),
    releasedAt: instant
      .optional()
      .describe("When traffic that was held until a pod of the primary is ready was let go."),
    routedAt: instant.optional().describe("When the routing objects were seen to carry it."),
    confirmedAt: instant
      .optional()
      .describe("When live requests to the target were seen to have stopped."),
    unconfirmed: z
      .boolean()
      .optional()
      .describe("True once the time to confirm has passed without a confirmation."),
  })
  .describe("Traffic is being taken off the target; its pods are kept until that is confirmed.");
export type DrainStatus = z.infer<typeof DrainStatus>;

const HeldForStable = z
  .object({
    since: instant.describe("When people were told."),
    until: instant
      .optional()
      .describe("When it is taken off in any case; left out where no verdict asks for it."),
  })
  .describe(
    "The target keeps traffic that it is to lose: no pod of the primary is ready to answer in its place.",
  );

export const DeletionStatus = z
  .object({
    step: z
      .enum(["Serve", "Shift", "Remove", "Clear", "Orphaned"])
      .describe(
        "Serve: the target gets the pods to serve alone. Shift: all traffic moves to it. Remove: the primary is deleted, then the route that was generated. Clear: every proxy is given the time to hear of that before the subsets go. Orphaned: the primary is kept and serves; people are told what is left to do.",
      ),
    since: instant.describe("When this step began."),
    routedAt: instant
      .optional()
      .describe("When the routing objects were seen to send everything to the target."),
    isTold: z.boolean().optional().describe("True once people were told why this takes long."),
  })
  .describe("Progress of the deletion.");
export type DeletionStatus = z.infer<typeof DeletionStatus>;

export const DriftStatus = z
  .object({
    repairedAt: z
      .array(instant)
      .max(6)
      .describe("When the last repairs of the weights were decided, oldest first."),
    manager: z.string().max(253).describe("Field manager that changed the weights last."),
    advice: z
      .string()
      .max(512)
      .optional()
      .describe("What the tool of that name must be told to leave alone."),
    seen: z.string().max(253).describe("Versions of the routing objects that were repaired last."),
    isContested: z
      .boolean()
      .optional()
      .describe("True once the weights were changed again and again within minutes."),
  })
  .describe(
    "Somebody else changes the weights that Serin sets. Dropped ten minutes after the last repair.",
  );
export type DriftStatus = z.infer<typeof DriftStatus>;

export const IdleReplicasStatus = z
  .object({
    correctedAt: z
      .array(instant)
      .max(3)
      .describe("When the idle target was scaled down again, oldest first."),
    release: z.string().max(64).describe("The last release then; the next one begins a new count."),
    isContested: z.boolean().optional().describe("True once Serin has given up: the pods stay."),
  })
  .describe("Somebody else gives the idle target pods.");
export type IdleReplicasStatus = z.infer<typeof IdleReplicasStatus>;

export const Verdict = z.enum(["Pass", "Fail", "Inconclusive", "NoData", "Error"]);
export type Verdict = z.infer<typeof Verdict>;

export const WaitingReason = z.enum([
  "Approval",
  "Paused",
  "PausedByHand",
  "Inconclusive",
  "MetricFailed",
  "RoutesContested",
  "Retreated",
]);
export type WaitingReason = z.infer<typeof WaitingReason>;

export const WaitingStatus = z
  .object({
    reason: WaitingReason.describe(
      "Approval: a person must approve the next stage. Paused: somebody paused it. PausedByHand: somebody lowered the weights. Inconclusive: the stage's time is up without a verdict. MetricFailed: a metric with onFail Pause failed. RoutesContested: a tool changes the weights again and again. Retreated: it retreated again and again, without a verdict.",
    ),
    since: instant.describe("When the wait began."),
    message: z.string().max(1024).describe("What is waited for, and how to go on."),
  })
  .describe("The release keeps its weight until somebody acts; its analysis and rollback go on.");
export type WaitingStatus = z.infer<typeof WaitingStatus>;

export const SuspendedStatus = z
  .object({
    since: instant.describe("When spec.suspend was obeyed."),
    phase: Phase.describe("Where the Canary was in its life, and goes back to."),
  })
  .describe("Nothing is written but a rollback: people may route by hand.");
export type SuspendedStatus = z.infer<typeof SuspendedStatus>;

const numbers = z.string().max(512);

export const ComparisonState = z
  .object({
    of: z.string().max(80).describe("Whose it is: the release, and which of its attempts."),
    readAt: instant
      .optional()
      .describe("Up to when requests are in it. Left out before the first reading."),
    tests: z
      .array(
        z.object({
          above: z.number().optional().describe("Requests slower than this are counted."),
          rollback: numbers.describe("Evidence against the new version."),
          promotion: numbers.describe("Evidence for it."),
          noise: numbers.describe("How unevenly stable's bad requests come."),
          pods: z.string().max(1024).describe("What stable's reporting pods have counted."),
        }),
      )
      .max(3)
      .describe("One kind of bad request each."),
    history: numbers.optional().describe("Stable's durations, while bounds are to be chosen."),
  })
  .describe(
    "What whoever takes over needs to go on with the comparison; for machines, numbers as text.",
  );
export type ComparisonState = z.infer<typeof ComparisonState>;

export const MetricStatus = z.object({
  name: z.string().max(63).describe("Name of the metric."),
  verdict: Verdict.describe("Outcome of the latest check."),
  message: z.string().max(1024).describe("Why, with the numbers."),
  canaryValue: z.number().optional().describe("The canary's value over the window judged."),
  stableValue: z.number().optional().describe("The primary's value over the same window."),
  limit: z.number().describe("The limit."),
  samples: z.int32().min(0).describe("Canary requests in the window judged; 0 for a value."),
  dryRun: z
    .boolean()
    .optional()
    .describe("True where the metric is only shown: nothing is decided on it."),
  evidence: z
    .number()
    .optional()
    .describe(
      "Evidence that the new version is worse than is tolerated: 1 says nothing, 1/falseRollbackProbability rolls back. Of all metrics together the weighted mean counts. Left out where nothing is compared.",
    ),
  excludedExcess: z
    .number()
    .optional()
    .describe(
      "Excess over harmful.ratio times stable's share, in percentage points, that is excluded with the probability of the spec. Left out while none is.",
    ),
  interval: z
    .object({
      above: z.number().optional().describe("It is surely above this bound of the histogram."),
      atMost: z.number().optional().describe("It is surely at most this bound."),
    })
    .optional()
    .describe(
      "Where the new version's quantile surely lies over the whole release, at the probability of harmfulPromotionProbability; of a latency, for people.",
    ),
  state: ComparisonState.optional(),
  query: z
    .string()
    .max(2048)
    .optional()
    .describe("A query that shows the canary's value, to paste into Prometheus."),
  at: instant.describe("When the check was made."),
});
export type MetricStatus = z.infer<typeof MetricStatus>;

export const ReleaseRecord = z.object({
  id: z.string().max(64).describe("Identity of the release."),
  images: z.array(z.string().max(512)).max(32).describe("Container images released."),
  startedAt: instant.describe("When it started."),
  endedAt: instant.describe("When it ended."),
  outcome: z.enum(["Succeeded", "Failed", "Superseded", "Reverted"]).describe("How it ended."),
  reason: z.string().max(64).describe("Why it ended so."),
  peakWeight: z.int32().min(0).max(100).describe("Largest weight it had, in percent."),
  command: z
    .string()
    .max(1024)
    .optional()
    .describe("The command that decided how it ended, in words; its author is unverified."),
  unproven: z
    .boolean()
    .optional()
    .describe("True where it got on without evidence, because the spec allows it."),
});
export type ReleaseRecord = z.infer<typeof ReleaseRecord>;

export const SeenWorkload = z.object({
  uid: z.string().max(64).describe("Identity of the Deployment."),
  generation: z.int().min(0).describe("Its metadata.generation when it was seen."),
  templateHash: z.string().max(64).describe("Hash of its pod template in that generation."),
  replicas: z.int32().min(0).describe("Its spec.replicas in that generation."),
});
export type SeenWorkload = z.infer<typeof SeenWorkload>;

export const Condition = z.object({
  type: z.string().max(316).describe("Type of the condition."),
  status: z.enum(["True", "False", "Unknown"]).describe("Status of the condition."),
  observedGeneration: z.int().min(0).optional().describe("Generation of the spec it speaks of."),
  lastTransitionTime: instant.describe("When the status last changed."),
  reason: z.string().max(1024).describe("Why, as one word."),
  message: z.string().max(1024).describe("Why, in a sentence."),
});
export type Condition = z.infer<typeof Condition>;

export const Severity = z.enum(["Info", "Warning", "Error"]);
export type Severity = z.infer<typeof Severity>;

export const OutboxEntry = z.object({
  id: z.string().max(128).describe("Identity of the transition told; the same after a crash."),
  reason: z.string().max(64).describe("What happened, as one word; also the Event's reason."),
  severity: Severity.describe("How urgent it is."),
  message: z.string().max(1024).describe("What happened, in a sentence."),
  at: instant.describe("When it happened."),
  facts: z
    .record(z.string().max(63), z.string().max(512))
    .meta({ maxProperties: 16 })
    .describe("The numbers and names behind it, for messages that show them apart."),
});
export type OutboxEntry = z.infer<typeof OutboxEntry>;

export const CanaryStatus = z.object({
  phase: Phase.optional().describe(
    "Where the Canary is in its life. Initializing: the primary is made and given the traffic. Initialized: it serves, no release was made. Progressing: a release is in its stages. Waiting: it keeps its weight until somebody acts. Promoting: the primary gets the new version. Finalising: traffic returns to it. Succeeded, Failed: how the last release ended. Suspended: spec.suspend is set. Terminating: the Canary is being deleted.",
  ),
  message: z.string().max(1024).optional().describe("What it does now, or what it waits for."),
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe("Generation of the spec that this status speaks of."),
  observedTargetGeneration: z
    .int()
    .min(0)
    .optional()
    .describe(
      "Generation of the target whose pod template this status speaks of: once it is at least the Deployment's metadata.generation, phase says how that template fares. A pipeline waits for it.",
    ),
  canaryWeight: z
    .int32()
    .min(0)
    .max(100)
    .optional()
    .describe("Weight of the target that Serin wants, in percent."),
  observedWeight: z
    .int32()
    .min(0)
    .max(100)
    .optional()
    .describe("Share of live requests that the target was seen to get, in percent."),
  rollbackBoundSeconds: z
    .number()
    .optional()
    .describe(
      "Longest time from a fault beyond a limit until traffic is off, computed from the spec.",
    ),
  rollbackBoundWarning: z
    .string()
    .max(1024)
    .optional()
    .describe(
      "Why a rollback may take longer than rollbackBoundSeconds now: the new version gets too few requests for a judgement at every check.",
    ),
  initialisation: z
    .object({
      step: z
        .enum(["CreatePrimary", "Shift"])
        .describe("CreatePrimary: the live pods keep all traffic. Shift: it moves to the primary."),
      since: instant.describe("When this step began."),
    })
    .optional()
    .describe("Progress of the initialisation."),
  release: ReleaseStatus.optional().describe("The current or the last release."),
  waiting: WaitingStatus.optional(),
  suspended: SuspendedStatus.optional(),
  drain: DrainStatus.optional(),
  heldForStable: HeldForStable.optional(),
  deletion: DeletionStatus.optional(),
  drift: DriftStatus.optional(),
  idleReplicas: IdleReplicasStatus.optional(),
  analysis: z.array(MetricStatus).max(16).optional().describe("The latest check of each metric."),
  refreshedAt: instant.optional().describe("When this status was last written with its numbers."),
  workloads: z
    .object({
      target: SeenWorkload.optional().describe("The target as it was last seen."),
      primary: SeenWorkload.optional().describe("The primary as it was last seen."),
    })
    .optional()
    .describe(
      "Both Deployments as they were last seen: a template whose hash differs in the same generation is no new one.",
    ),
  lastPromotedHash: z
    .string()
    .max(64)
    .optional()
    .describe("Hash of the template that the primary runs."),
  lastFailedHash: z
    .string()
    .max(64)
    .optional()
    .describe("Hash of the template that failed last; it is not tried again by itself."),
  releases: z.int32().min(0).optional().describe("How many releases were started."),
  lastCommand: LastCommand.optional(),
  openAbort: z
    .string()
    .max(512)
    .optional()
    .describe("Words of an abort that is answered and whose annotation is still to be removed."),
  commandIds: z
    .array(z.string().max(64))
    .max(20)
    .optional()
    .describe("Commands that are answered, newest first: none of them is obeyed again."),
  history: z.array(ReleaseRecord).max(10).optional().describe("The last releases, newest first."),
  outbox: z
    .array(OutboxEntry)
    .max(20)
    .optional()
    .describe("What has happened and was not yet told to everyone."),
  outboxDropped: z
    .int32()
    .min(0)
    .optional()
    .describe("How many messages were dropped because nobody could be told."),
  conditions: z
    .array(Condition)
    .max(16)
    .optional()
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
    .describe("Conditions; the catalogue is in docs/reference."),
});
export type CanaryStatus = z.infer<typeof CanaryStatus>;
