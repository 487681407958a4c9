/** Schemas of what makes pods: Deployments and their kin, autoscalers and disruption budgets. */
import { OBJECT_META_SCHEMA } from "../object-meta.ts";
import { readNotation } from "./schema-notation.ts";
import { POD_DEFINITIONS } from "./schema-pod.ts";

const WORKLOADS = `
PodTemplate | The pods to make.
  metadata ObjectMeta | Their labels and annotations.
  spec PodSpec | What they run and how.
RollingUpdate | How many pods may be missing or surplus during an update.
  maxSurge intOrString | Pods above the wanted number; 25% by default.
  maxUnavailable intOrString | Pods below the wanted number; 25% by default.
  partition int | Ordinal from which pods are updated.
DeploymentStrategy | How old pods are replaced by new ones.
  rollingUpdate RollingUpdate | Parameters of RollingUpdate.
  type string enum=Recreate,RollingUpdate | RollingUpdate by default.
DeploymentSpec | The wanted state of a Deployment.
  minReadySeconds int | Seconds a new pod must be ready to count as available.
  paused bool | Whether changes of the template are left alone.
  progressDeadlineSeconds int | Seconds after which no progress is reported; 600 by default.
  replicas int min=0 | Number of pods; 1 by default.
  revisionHistoryLimit int | Old ReplicaSets to keep; 10 by default.
  selector! LabelSelector | Pods of this Deployment; must match the template's labels and cannot be changed.
  strategy DeploymentStrategy retain | How pods are replaced.
  template! PodTemplate | The pods to make.
DeploymentStatus | The last observed state of a Deployment.
  availableReplicas int | Pods that have been ready long enough.
  collisionCount int | Hash collisions so far.
  conditions [Condition] key=type | State of the Deployment.
  observedGeneration int64 | Generation the status is about.
  readyReplicas int | Ready pods.
  replicas int | Pods.
  terminatingReplicas int | Pods that are stopping.
  unavailableReplicas int | Pods that are missing or not available.
  updatedReplicas int | Pods of the current template.
Deployment | Keeps pods running and replaces them gradually when their template changes.
  spec DeploymentSpec | The wanted state.
  status DeploymentStatus | The last observed state.
ReplicaSetSpec | The wanted state of a ReplicaSet.
  minReadySeconds int | Seconds a new pod must be ready to count as available.
  replicas int min=0 | Number of pods; 1 by default.
  selector! LabelSelector | Pods of this ReplicaSet.
  template PodTemplate | The pods to make.
ReplicaSetStatus | The last observed state of a ReplicaSet.
  availableReplicas int | Pods that have been ready long enough.
  conditions [Condition] key=type | State of the ReplicaSet.
  fullyLabeledReplicas int | Pods with all labels of the template.
  observedGeneration int64 | Generation the status is about.
  readyReplicas int | Ready pods.
  replicas int | Pods.
  terminatingReplicas int | Pods that are stopping.
ReplicaSet | Keeps a number of equal pods running.
  spec ReplicaSetSpec | The wanted state.
  status ReplicaSetStatus | The last observed state.
SetUpdateStrategy | How old pods are replaced by new ones.
  rollingUpdate RollingUpdate | Parameters of RollingUpdate.
  type string enum=OnDelete,RollingUpdate | RollingUpdate by default.
StatefulSetSpec | The wanted state of a StatefulSet.
  minReadySeconds int | Seconds a new pod must be ready to count as available.
  ordinals any | Numbers of the pods.
  persistentVolumeClaimRetentionPolicy any | When claims are deleted.
  podManagementPolicy string | OrderedReady or Parallel.
  replicas int min=0 | Number of pods; 1 by default.
  revisionHistoryLimit int | Old revisions to keep; 10 by default.
  selector! LabelSelector | Pods of this StatefulSet.
  serviceName string | Service that names the pods.
  template! PodTemplate | The pods to make.
  updateStrategy SetUpdateStrategy | How pods are replaced.
  volumeClaimTemplates [any] | Claims to make for each pod.
StatefulSet | Runs pods with lasting names and storage.
  spec StatefulSetSpec | The wanted state.
  status any | The last observed state.
DaemonSetSpec | The wanted state of a DaemonSet.
  minReadySeconds int | Seconds a new pod must be ready to count as available.
  revisionHistoryLimit int | Old revisions to keep; 10 by default.
  selector! LabelSelector | Pods of this DaemonSet.
  template! PodTemplate | The pods to make.
  updateStrategy SetUpdateStrategy | How pods are replaced.
DaemonSet | Runs one pod on each node.
  spec DaemonSetSpec | The wanted state.
  status any | The last observed state.
ControllerRevision | An immutable snapshot of a state, kept so that one can go back to it.
  data any | The state.
  revision! int64 | Number of the state in the order of their making.
ScaleTarget | What is scaled.
  apiVersion string | API version of the target.
  kind! string | Kind of the target.
  name! string | Name of the target.
HorizontalPodAutoscalerSpec | How many pods are wanted under which load.
  behavior any | How fast it scales.
  maxReplicas! int | Most pods.
  metrics [any] | What is measured.
  minReplicas int | Fewest pods.
  scaleTargetRef! ScaleTarget | What is scaled.
HorizontalPodAutoscaler | Scales a workload by its load.
  spec HorizontalPodAutoscalerSpec | What is wanted.
  status any | What was last done.
PodDisruptionBudgetSpec | How many pods must stay.
  maxUnavailable intOrString | Pods that may be missing.
  minAvailable intOrString | Pods that must be there.
  selector LabelSelector | The pods.
  unhealthyPodEvictionPolicy string | Whether unhealthy pods may be evicted.
PodDisruptionBudget | Limits how many pods of a workload may be disrupted at once.
  spec PodDisruptionBudgetSpec | What is wanted.
  status any | What was last seen.
`;

const given = new Map([...POD_DEFINITIONS, ["ObjectMeta", OBJECT_META_SCHEMA] as const]);

export const WORKLOAD_DEFINITIONS = readNotation(WORKLOADS, given);
