/**
 * What a person who was woken does about each reason that a Canary may give. A reason without a remedy does not compile;
 * what it means is in the catalogue, the exact lines are in the Canary's message.
 */
import type { RetreatReason, WaitingReason } from "../api/canary-status.ts";
import {
  type FailureReason,
  failureReasons,
  type RefusalReason,
  refusalReasons,
  retreatReasons,
  type StallReason,
  stallReasons,
  waitingReasons,
} from "../api/conditions.ts";
import { code, row, table } from "./markdown.ts";

const refusals: Readonly<Record<RefusalReason, string>> = {
  Invalid: "Mend the field that the message names; `serin lint FILE` says all of them at once.",
  TargetNotFound: "Apply the Deployment, or mend `spec.targetRef.name`.",
  SelectorLabelMissing:
    "Add the label of the message to the Deployment's selector and pod template, or name yours in `spec.selectorLabel`. A selector cannot be edited: recreate the Deployment.",
  PrimaryNameTaken:
    "Do **not** delete that Deployment before you know that it serves nobody. The message says whose it is.",
  PrimaryNotSelected:
    'Widen the object\'s selector by the lines of the message, or annotate it `serin.dev/canary-only: "true"` if it is meant for the new version alone.',
  AutoscalerNotSupported:
    "Remove the autoscaler from this workload, or do not use Serin for it yet.",
  VirtualServiceNotFound:
    "Apply the VirtualService into the Canary's namespace, mend its name, or use `generate`.",
  RouteNotFound: "Name the HTTP rules in `spec.routing.istio.virtualServices[].routes`.",
  DestinationMissing:
    "Add the destination of the message to the rule: weight 0 for the canary, 100 for stable.",
  NameTaken: "Adopt the object by `virtualServices`, or delete it.",
  RouteMirrored: "Remove `mirror` from the rule, or leave the rule out of `routes`.",
  DestinationRuleNotFound: "Apply the DestinationRule of the message.",
  SubsetMissing: "Set the subsets of the message; their labels are those of each version's pods.",
  ServiceNotFound: "Apply the Service, or mend `spec.service.name`.",
  ServiceSelectsOneVersion:
    "Let the Service select by a label that both versions have; the message has the line.",
  TemplateNotFound:
    "Apply the template (`kubectl apply -f analysis-templates` for the shipped ones), or mend `templateRef`.",
  TemplateInvalid: "Mend the template, or the metric's `args`, at the position of the message.",
  MetricsInsufficient:
    "Set `dryRun: false` on a metric, or add one that counts requests (`istio-error-rate`).",
  RollbackBoundExceeded:
    "Lower the part that the message names, or raise `rollback.withinSeconds` and accept a slower rollback.",
  Conflict: "Delete one of the two Canaries, or give this one another target or route.",
  Unsupported: "The message names what; take it out, or leave that rule out of `routes`.",
};

const stalls: Readonly<Record<StallReason, string>> = {
  NotAccepted: "See the condition `Accepted`, and the first table.",
  ReleaseFailed:
    "Nothing tonight: the promoted version serves. Push a fix, or `serin retry` if the version was not at fault.",
  RouteMissing:
    "Apply the routes again **now**: until then the Service itself decides who answers. Then push, or `serin retry`.",
  TargetMissing:
    "Apply the Deployment again before the next release; the primary serves meanwhile.",
  RoutesContested:
    "Put the lines of the message into the GitOps tool ([gitops.md](gitops.md)). If a release waits: `serin resume`.",
  PrimaryMissing:
    "Clients may be failing. Mostly it is made anew by itself; where the message says *restore it*, apply it from a backup, or route to the target by hand under `spec.suspend`.",
  PrimaryUnavailable:
    "`kubectl describe deployment NAME-primary` and its pods say what they lack (nodes, quota, an image). The traffic moves by itself once they are available.",
  SavedTemplateMissing:
    "`kubectl rollout undo deployment NAME-primary`: once it has its earlier template, its traffic comes back by itself. The canary answers meanwhile.",
  TemplateMissing:
    "Apply that version again; `revisionHistoryLimit: 0` on the Deployment causes it.",
  Forbidden:
    "Compare the ServiceAccount's rights with `deploy/base/cluster-role.yaml`; apply that again.",
  Rejected:
    "Read the webhook's or the server's words in the message; mend the policy, or exempt `serin-controller`.",
};

const waits: Readonly<Record<WaitingReason, string>> = {
  Approval: "Look at the numbers, then `serin promote`; or `serin abort`.",
  Paused: "Ask whoever paused it (`status.lastCommand`); go on with `serin resume`.",
  PausedByHand:
    "Somebody lowered the weights: ask why, then `serin resume` (from 0 % it begins at its first stage) or `serin abort`.",
  Inconclusive:
    "The numbers say neither yes nor no. `serin resume` measures for another `maxSeconds`, `serin promote` takes it upon you, `serin abort` gives up.",
  MetricFailed:
    "Look at the metric. `serin resume` once it holds its limit again, else `serin abort`; `serin promote` takes the release to its next stage all the same, and there the metric is asked again.",
  RoutesContested: "Mend the tool that the message names, then `serin resume`.",
  Retreated:
    "Three times it was taken off without a verdict. Find the incident first; then `serin resume`, or push another version.",
};

const failures: Readonly<Record<FailureReason, string>> = {
  WorseThanStable:
    "Compare both versions' values in `serin get`; fix the version, or widen the metric's compare.tolerated if the difference is wanted.",
  MetricLimitExceeded: "Read value, limit and query in `serin get`; fix the version.",
  MetricNoData:
    "See that the new version reports at all: sidecar, labels, the query of the metric.",
  Inconclusive: "More requests, a longer `maxSeconds`, or `onInconclusive: { action: Pause }`.",
  CanaryCrashing: "`kubectl logs --previous` of its pods.",
  CanaryUnready: "Readiness probe and dependencies of the new version.",
  ProgressDeadlineExceeded:
    "Image, quota, nodes: the message has the kubelet's words. Mended without a new template: `serin retry`.",
  CanaryDeleted: "Somebody deleted the Canary during its promotion; nothing, if that was meant.",
  CanaryHarmsStable:
    "The new version hurts what both share: a database, a queue, a cache. Fix it before the next try.",
  CanaryUnreachable:
    "Its port, its mTLS, its outlier detection: callers reach no endpoint that answers.",
  PromotionFailed:
    "The primary could not run the new template: quota, nodes, a volume that one pod alone may hold. Then `serin retry`.",
  RouteMissing: "Apply the routes again, then `serin retry`.",
  TargetMissing:
    "Apply the Deployment again; another version is released by itself, this one by `serin retry`.",
  Aborted: "The reason is in the message; `serin retry` tries the same version again.",
};

const retreats: Readonly<Record<RetreatReason, string>> = {
  SharedIncident: "Look for what both versions share. Nothing to do to the release.",
  NoData: "Bring Prometheus, or its scrapes, back. Nothing to do to the release.",
};

type Meanings = Readonly<Record<string, string>>;

function printReasons(
  title: string,
  intro: string,
  [meanings, remedies]: readonly [Meanings, Meanings],
): string {
  const rows = Object.entries(meanings).map(([reason, meaning]) =>
    row([code(reason), meaning, remedies[reason] ?? ""]),
  );
  return `### ${title}\n\n${intro}\n\n${table(["Reason", "Means", "What to do"], rows)}`;
}

/** Every reason for which a person may be needed, with what to do. */
export function printRemedies(): string {
  return [
    printReasons(
      "Not accepted",
      "Condition `Accepted=False`. No release starts, and a running one enters no further stage; a rollback goes on.",
      [refusalReasons, refusals],
    ),
    printReasons("Stalled", "Condition `Stalled=True`.", [stallReasons, stalls]),
    printReasons(
      "Waiting",
      "`status.waiting.reason`. The weight stays; analysis and rollback go on.",
      [waitingReasons, waits],
    ),
    printReasons(
      "Retreated",
      "`status.release.retreat.reason`. All traffic was taken off without a verdict; it begins again by itself.",
      [retreatReasons, retreats],
    ),
    printReasons(
      "Failed",
      "`status.release.rollback.reason`, and in the history. The promoted version serves.",
      [failureReasons, failures],
    ),
  ].join("\n\n");
}
