/**
 * Every word by which a Canary explains itself: condition types with their reasons per status, reasons of Events, and
 * how releases end. The reference is generated from these lists, and the core can say nothing that is not in them.
 */
import type { RetreatReason, Severity, WaitingReason } from "./canary-status.ts";

/** Status of a condition, as Kubernetes has it. */
export type ConditionStatus = "True" | "False" | "Unknown";

/** What a condition type means, and each reason that it may carry, by status, with one line for the reference. */
export interface ConditionEntry {
  readonly doc: string;
  readonly reasons: Readonly<Record<ConditionStatus, Readonly<Record<string, string>>>>;
}

/** Why a spec is not accepted. Adapters name these reasons when a thing that they look for is missing or unusable. */
export const refusalReasons = {
  Invalid: "The object does not satisfy its schema; the message names the field and the fix.",
  TargetNotFound: "The workload of spec.targetRef does not exist.",
  SelectorLabelMissing:
    "The target's selector has none of the labels that tell the versions apart; the message has the lines to add.",
  PrimaryNameTaken: "A Deployment with the primary's name exists and is not Serin's.",
  PrimaryNotSelected:
    "A Service, NetworkPolicy, AuthorizationPolicy or PeerAuthentication selects the target's pods and would not select the primary's; the message has the lines to change.",
  AutoscalerNotSupported:
    "A HorizontalPodAutoscaler or ScaledObject acts on the target or its primary.",
  VirtualServiceNotFound: "A VirtualService of spec.routing does not exist.",
  RouteNotFound:
    "The VirtualService has no HTTP rule of that name, or more than one to choose from.",
  DestinationMissing:
    "A managed route lacks the destination of one version; the message has the YAML to add.",
  NameTaken:
    "An object that Serin would generate exists and is somebody else's; the message names it and the ways out.",
  RouteMirrored:
    "A managed route mirrors requests already; copies could not be told from those that Serin asks for.",
  DestinationRuleNotFound: "No DestinationRule defines the subsets that the destinations name.",
  SubsetMissing:
    "The DestinationRule lacks a subset, or its labels do not select that version's pods.",
  ServiceNotFound: "The Service that clients call does not exist.",
  ServiceSelectsOneVersion:
    "The Service would select the pods of one version only; the message has the line to add.",
  TemplateNotFound: "A metric names a template that does not exist.",
  TemplateInvalid:
    "A metric's template or its arguments are wrong; the message names the field and the position.",
  MetricsInsufficient:
    "No metric decides, or none counts requests; the message says what to write.",
  RollbackBoundExceeded:
    "The spec's own times add up to more than spec.rollback.withinSeconds; the message names the largest part.",
  Conflict: "An older Canary has the same target or the same route; the message names it.",
  Unsupported: "The objects use something that this version of Serin cannot work with.",
} as const;
/** Why a spec is not accepted. */
export type RefusalReason = keyof typeof refusalReasons;

/** Why a release failed: `status.release.rollback.reason` and the reason in the history. */
export const failureReasons = {
  MetricLimitExceeded:
    "A metric was beyond its limit in as many checks in a row as the limit asks.",
  WorseThanStable:
    "By comparison the new version is worse than stable by more than is tolerated, though no limit is broken.",
  MetricNoData:
    "A metric with onNoData: Fail had no data on the new version for rollback.withinSeconds, while its provider answered.",
  Inconclusive:
    "A stage had its maxSeconds and its numbers without a verdict, and analysis.onInconclusive asks for a rollback.",
  CanaryCrashing: "Containers of the new version crash.",
  CanaryUnready:
    "Pods of the new version stay unready, or too few are available, while stable's are.",
  ProgressDeadlineExceeded:
    "The new version's pods did not become available within spec.progressDeadlineSeconds.",
  CanaryDeleted: "The Canary was deleted while the primary was being replaced.",
  CanaryHarmsStable:
    "Stable was beyond a limit together with the new version, and recovered once that had no traffic any more.",
  CanaryUnreachable:
    "Callers sent requests to the new version and nobody answered them, while stable's requests went on.",
  PromotionFailed:
    "The primary did not become available with the new template; the old one was written back.",
  RouteMissing: "The VirtualService, its managed rule or the DestinationRule was deleted.",
  TargetMissing: "The target was deleted.",
  Aborted: "Somebody took the release off by annotation serin.dev/abort.",
} as const;
/** Why a release failed. */
export type FailureReason = keyof typeof failureReasons;

/** How releases end, as recorded in the history: outcome, then reason. */
export const releaseReasons = {
  Succeeded: {
    Promoted: "The new version passed every stage and serves all traffic as primary.",
    PromotedByHand:
      "The new version serves all traffic as primary; a person's command let it leave a stage without evidence.",
  },
  Failed: failureReasons,
  Superseded: { NewRevision: "The target got another pod template before the release ended." },
  Reverted: { TemplateReverted: "The target got the promoted pod template back." },
} as const;
/** How a release ended. */
export type ReleaseOutcome = keyof typeof releaseReasons;
/** Why a release ended, given how. */
export type ReleaseReason<O extends ReleaseOutcome = ReleaseOutcome> = O extends ReleaseOutcome
  ? keyof (typeof releaseReasons)[O] & string
  : never;

/** Why nothing goes on until a human changes something. */
export const stallReasons = {
  NotAccepted: "The spec is not accepted; condition Accepted says why.",
  ReleaseFailed: "The last release failed; a new pod template starts the next one.",
  RouteMissing:
    "The VirtualService, its managed rule or the DestinationRule was deleted; the target's pods go, since nothing keeps requests from them.",
  TargetMissing: "The target was deleted; the primary serves.",
  RoutesContested:
    "Something else changes the weights again and again; the message names it and what it must leave alone.",
  PrimaryMissing: "The primary was deleted by somebody; the message says how to go on.",
  PrimaryUnavailable:
    "The primary, new or with its earlier template again, did not become available in time; the traffic stays where it is.",
  SavedTemplateMissing:
    "The primary's earlier template was to be written back, but the ControllerRevision that held it is gone.",
  TemplateMissing: "The ReplicaSet that holds the pod template under release is gone.",
  Forbidden: "The API server refuses a request for lack of rights; the message names them.",
  Rejected: "The API server or an admission webhook refuses a write; the message has its words.",
} as const;
/** Why nothing goes on. */
export type StallReason = keyof typeof stallReasons;

/** Why a release waits: `status.waiting.reason`. */
export const waitingReasons = {
  Approval: "The next stage asks for a person's approval before its weight is set.",
  Paused: "A person paused the release.",
  PausedByHand: "A person lowered the weights of the routes; the release keeps theirs.",
  Inconclusive: "The stage had its maxSeconds and its numbers without a verdict.",
  MetricFailed: "A metric with onFail: Pause fails.",
  RoutesContested:
    "A tool changed the weights again and again; all traffic goes to the primary until it is mended.",
  Retreated:
    "The release retreated three times without a verdict; whether it may try once more is for people to say.",
} as const satisfies Readonly<Record<WaitingReason, string>>;

/** Why all traffic was taken off without a verdict: `status.release.retreat.reason`. */
export const retreatReasons = {
  SharedIncident: "Stable and the new version were beyond a limit together.",
  NoData: "The metrics gave no usable data for rollback.withinSeconds.",
} as const satisfies Readonly<Record<RetreatReason, string>>;

/** Every condition type of a Canary. */
export const conditions = {
  Ready: {
    doc: "The promoted version serves and nothing is under way (kstatus: Current).",
    reasons: {
      True: {
        Initialized: "The primary serves all traffic; no release has been made yet.",
        Succeeded: "The last release was promoted.",
        Suspended: "The primary serves all traffic; spec.suspend keeps new releases from starting.",
      },
      False: {
        Initializing: "The primary is being created and given the traffic.",
        Progressing: "A release runs.",
        Promoting: "The primary is being brought to the new version.",
        Finalising: "The primary serves the new version; the target's pods are being drained.",
        Waiting: "A release waits for a human; status.waiting says whom or what for.",
        RollingBack: "A failed release is being taken off.",
        Suspended: "Nothing is written but a rollback, because spec.suspend is set.",
        Terminating: "The Canary is being deleted.",
        Failed: "The last release failed and was rolled back; the promoted version serves.",
        NotAccepted: "The spec is not accepted.",
        Stalled: "A human must act; condition Stalled says why.",
      },
      Unknown: {},
    },
  },
  Reconciling: {
    doc: "Serin is on its way to what the spec and the target ask (kstatus: InProgress).",
    reasons: {
      True: {
        Initializing: "The primary is being created and given the traffic.",
        Progressing: "A release runs.",
        Promoting: "The primary is being brought to the new version.",
        Finalising: "The target's pods are being drained and scaled down.",
        Waiting: "A release waits for a human; status.waiting says whom or what for.",
        RollingBack: "Traffic is being taken off a bad version.",
        Terminating: "The Canary is being deleted: the workload is made to serve without it.",
      },
      False: {
        Idle: "Nothing is under way.",
        Suspended: "Nothing goes on until spec.suspend is false.",
        Stalled: "A human must act before anything goes on.",
      },
      Unknown: {},
    },
  },
  Stalled: {
    doc: "Nothing goes on until a human changes something (kstatus: Failed).",
    reasons: {
      True: stallReasons,
      False: { NotStalled: "Nothing waits for a human." },
      Unknown: {},
    },
  },
  Accepted: {
    doc: "The spec, and everything that it names, is such that releases can be made.",
    reasons: {
      True: { Accepted: "Everything that the spec names was found and fits together." },
      False: refusalReasons,
      Unknown: { Pending: "Something that the spec names could not be read yet." },
    },
  },
  CanaryAvailable: {
    doc: "The new version has the pods that the current or the next weight needs.",
    reasons: {
      True: { Available: "Enough pods of the new version are available." },
      False: {
        Idle: "No release runs; the target has no pods.",
        ScalingUp: "Pods of the new version are being brought up.",
        CanaryCrashing: "Containers of the new version crash.",
        CanaryUnready: "Pods of the new version stay unready.",
        ProgressDeadlineExceeded: "Pods did not become available in time.",
      },
      Unknown: { Pending: "The target's pods could not be read yet." },
    },
  },
  TrafficShifted: {
    doc: "Live traffic goes where Serin's weights send it, by the routes and by callers' own reports.",
    reasons: {
      True: {
        Confirmed: "Callers' reports show the weight that was set.",
        Stable: "All traffic goes to the primary.",
      },
      False: {
        RoutePending: "The routing objects do not carry the weight yet.",
        TrafficPending:
          "The routing objects carry the weight; callers' reports do not show it yet.",
        DrainPending: "Traffic was taken off the target; callers' reports still show some.",
        TrafficSplitMismatch:
          "Callers report far more requests to the new version than its weight: something else sends it traffic; the release holds.",
        DrainUnconfirmed:
          "Traffic was taken off the target, and callers' reports still show some past the deadline, or say nothing.",
      },
      Unknown: { Pending: "The routing objects could not be read yet." },
    },
  },
  AnalysisPassed: {
    doc: "The new version's metrics hold their limits.",
    reasons: {
      True: {
        LimitsHeld: "Every metric holds its limit in this stage.",
        ReleasePassed: "The last release held every limit to its end.",
      },
      False: failureReasons,
      Unknown: {
        NoRelease: "No release has been measured.",
        Measuring: "Too few requests have been measured to say.",
        StableBeyondLimit:
          "Stable itself is beyond a limit: no traffic is given to the new version until it holds it again.",
        Retreated:
          "All traffic was taken off without a verdict; the release starts again at its first stage once stable is well.",
        NoData: "The metrics have no requests to the new version.",
        Unproven: "The release gets, or got, on without evidence, because the spec allows it.",
        ProviderError: "The metrics could not be read; the message has the provider's words.",
      },
    },
  },
  Promoted: {
    doc: "The primary runs the target's pod template.",
    reasons: {
      True: { Promoted: "The primary runs the target's pod template." },
      False: {
        Initializing: "The primary does not serve yet.",
        ReleaseRunning: "The target's template is under release.",
        ReleaseFailed: "The target's template failed; the primary keeps the one promoted before.",
        Promoting: "The primary is being brought to the target's template.",
        Restoring: "The primary is being given its earlier template back.",
        Terminating: "The Canary is being deleted.",
      },
      Unknown: {},
    },
  },
} as const satisfies Readonly<Record<string, ConditionEntry>>;

/** Type of a condition. */
export type ConditionType = keyof typeof conditions;
/** Reasons of a condition type with a status. */
export type ConditionReason<
  T extends ConditionType = ConditionType,
  S extends ConditionStatus = ConditionStatus,
> = T extends ConditionType
  ? S extends ConditionStatus
    ? keyof (typeof conditions)[T]["reasons"][S] & string
    : never
  : never;

/** What the core may say of one condition: only reasons that the catalogue has for that type and status. */
export type ConditionClaim = {
  [T in ConditionType]: {
    [S in ConditionStatus]: {
      readonly type: T;
      readonly status: S;
      readonly reason: ConditionReason<T, S>;
      readonly message: string;
    };
  }[ConditionStatus];
}[ConditionType];

/** One thing that is told: as Event and, by its severity, through alerts. */
export interface EventEntry {
  readonly severity: Severity;
  readonly doc: string;
  /** True for steps on the way: an Event alone, no message in a channel that people read. */
  readonly isEventOnly?: true;
}

/** Every reason of an Event, and of an entry in status.outbox. Severity Error: a human is needed. */
export const events = {
  SpecAccepted: { severity: "Info", isEventOnly: true, doc: "The spec is accepted (again)." },
  SpecEditDeferred: {
    severity: "Info",
    isEventOnly: true,
    doc: "The spec was edited during a release; the edit takes effect with the next one.",
  },
  SpecRevisionLost: {
    severity: "Warning",
    doc: "The ControllerRevision that held a running release's spec was deleted; the message says how the release goes on.",
  },
  AcceptedWithWarning: {
    severity: "Warning",
    isEventOnly: true,
    doc: "The spec is accepted, but a PodDisruptionBudget or PodMonitor would not select the primary's pods.",
  },
  SpecRefused: { severity: "Warning", doc: "The spec is not accepted; the message says why." },
  Initialized: { severity: "Info", doc: "The primary serves all traffic; releases can start." },
  ReleaseStarted: { severity: "Info", doc: "The target has a new pod template: a release begins." },
  TrafficShifted: {
    severity: "Info",
    isEventOnly: true,
    doc: "A stage's weight was set and the traffic moved.",
  },
  StagePassed: { severity: "Info", doc: "A stage was passed; the next one begins." },
  PromotionStarted: {
    severity: "Info",
    isEventOnly: true,
    doc: "Every stage was passed; the primary is being updated.",
  },
  Succeeded: { severity: "Info", doc: "The new version was promoted and serves all traffic." },
  Waiting: {
    severity: "Warning",
    doc: "A release keeps its weight until somebody acts; the message says how.",
  },
  Suspended: {
    severity: "Info",
    doc: "Nothing is written but a rollback, because spec.suspend is set; people may route by hand.",
  },
  SuspensionEnded: {
    severity: "Info",
    doc: "Life goes on where it was, because spec.suspend is cleared.",
  },
  CommandDone: { severity: "Info", doc: "A command given by annotation was carried out." },
  CommandRefused: {
    severity: "Warning",
    isEventOnly: true,
    doc: "A command given by annotation does not apply; the message says why.",
  },
  Superseded: { severity: "Info", doc: "Another pod template came before the release ended." },
  Reverted: {
    severity: "Info",
    doc: "The target got the promoted template back; the release ends.",
  },
  StableBeyondLimit: {
    severity: "Warning",
    doc: "Stable itself is beyond a limit: a release waits at 0 % until it holds it again.",
  },
  TrafficSplitMismatch: {
    severity: "Warning",
    doc: "The new version gets far more requests than its weight; the release holds, the message names likely causes.",
  },
  Retreated: {
    severity: "Warning",
    doc: "All traffic was taken off the new version without a verdict on it: an incident of both versions, or no data.",
  },
  Resumed: {
    severity: "Info",
    doc: "Stable is well again: a release that had retreated starts again at its first stage.",
  },
  RollbackStarted: {
    severity: "Warning",
    doc: "Evidence against the new version: traffic is being taken off.",
  },
  RestoredShort: {
    severity: "Error",
    doc: "The primary has its old template again, but not all its pods within the progress deadline: it gets all traffic with those it has.",
  },
  StableHasNoPods: {
    severity: "Error",
    doc: "Traffic is to be taken off the target, and no pod of the primary is ready: the target keeps it until one is, for a bounded time where a verdict asks for it.",
  },
  RolledBack: {
    severity: "Error",
    doc: "The release failed, and live requests to the new version were seen to have stopped.",
  },
  PromotedFailing: {
    severity: "Error",
    doc: "The version that was just promoted is beyond a limit; nothing is taken back by itself any more.",
  },
  DrainUnconfirmed: {
    severity: "Warning",
    doc: "An initialisation or a promotion ended although requests to the target were not seen to stop: callers still report some, or the metrics could not be read. The target's pods are kept.",
  },
  RollbackUnconfirmed: {
    severity: "Error",
    doc: "Traffic was taken off the new version, but requests to it have not been seen to stop in time.",
  },
  Terminating: {
    severity: "Info",
    doc: "The Canary is being deleted; the message says what becomes of its workload.",
  },
  DeletionBlocked: {
    severity: "Error",
    doc: "The deletion of the Canary cannot go on until a human acts; the message says what.",
  },
  Orphaned: {
    severity: "Error",
    doc: "The Canary is deleted, and its primary is kept because it serves; the message says what is left to do.",
  },
  WeightsRepaired: {
    severity: "Warning",
    isEventOnly: true,
    doc: "Somebody else changed the weights, and Serin sets them back; the message says who.",
  },
  ReplicasContested: {
    severity: "Warning",
    doc: "Something else scales the idle target up again and again; its pods are left, and releases go on.",
  },
  Stalled: { severity: "Error", doc: "Nothing goes on until a human acts; the message says what." },
} as const satisfies Readonly<Record<string, EventEntry>>;
/** Reason of an Event and of an outbox entry. */
export type EventReason = keyof typeof events;

/**
 * Every reason of an Event on an AlertProvider (on the Canary, where it names one that is not there): whoever cannot be
 * told learns it there, and no release waits.
 */
export const providerEvents = {
  NotDelivered: "A message could not be delivered; the message says what to mend.",
} as const;
/** Reason of an Event on an AlertProvider. */
export type ProviderEventReason = keyof typeof providerEvents;

/** Tells whether a word from an adapter or from a persisted status is a reason why a spec is not accepted. */
export function isRefusalReason(word: string): word is RefusalReason {
  return Object.hasOwn(refusalReasons, word);
}

/** Tells whether a word is a reason why nothing goes on. */
export function isStallReason(word: string): word is StallReason {
  return Object.hasOwn(stallReasons, word);
}

/** Tells whether a word is a reason why a release failed. */
export function isFailureReason(word: string): word is FailureReason {
  return Object.hasOwn(failureReasons, word);
}

/** Tells whether a word is the reason of an Event. */
export function isEventReason(word: string): word is EventReason {
  return Object.hasOwn(events, word);
}

/** Tells whether people hear of this reason through alerts; a word from a later version is told rather than lost. */
export function isAlerted(reason: string): boolean {
  if (!isEventReason(reason)) return true;
  const entry: EventEntry = events[reason];
  return entry.isEventOnly !== true;
}
