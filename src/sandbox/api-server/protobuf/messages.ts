/**
 * Field numbers of the protobuf messages that kubectl's `create` commands send: it encodes built-in kinds so whatever
 * the server says it accepts. Numbers are those of the Kubernetes API's generated.proto files.
 */

/** How a field's bytes are read: a scalar, another message, or a map of strings; `[x]` where it repeats. `count` is an int whose 0 counts. */
export interface MessageField {
  readonly name: string;
  readonly type: string;
  readonly isRepeated: boolean;
}

export type Message = ReadonlyMap<number, MessageField>;

/** One line each: `Name: number field type, …`. */
const NOTATION = `
ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 11 labels {string}, 12 annotations {string}, 14 finalizers [string]
Namespace: 1 metadata ObjectMeta
ServiceAccount: 1 metadata ObjectMeta
ConfigMap: 1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}, 4 immutable bool
Secret: 1 metadata ObjectMeta, 2 data {bytes}, 3 type string, 4 stringData {string}, 5 immutable bool
LabelSelectorRequirement: 1 key string, 2 operator string, 3 values [string]
LabelSelector: 1 matchLabels {string}, 2 matchExpressions [LabelSelectorRequirement]
ContainerPort: 1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string
EnvVar: 1 name string, 2 value string
Container: 1 name string, 2 image string, 3 command [string], 4 args [string], 5 workingDir string, 6 ports [ContainerPort], 7 env [EnvVar], 14 imagePullPolicy string
PodSpec: 2 containers [Container], 3 restartPolicy string, 4 terminationGracePeriodSeconds count, 6 dnsPolicy string, 7 nodeSelector {string}, 8 serviceAccountName string, 20 initContainers [Container]
PodTemplate: 1 metadata ObjectMeta, 2 spec PodSpec
RollingUpdate: 1 maxUnavailable IntOrString, 2 maxSurge IntOrString
DeploymentStrategy: 1 type string, 2 rollingUpdate RollingUpdate
DeploymentSpec: 1 replicas count, 2 selector LabelSelector, 3 template PodTemplate, 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit count, 7 paused bool, 9 progressDeadlineSeconds count
Deployment: 1 metadata ObjectMeta, 2 spec DeploymentSpec
ServicePort: 1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int
ServiceSpec: 1 ports [ServicePort], 2 selector {string}, 3 clusterIP string, 4 type string, 7 sessionAffinity string, 10 externalName string
Service: 1 metadata ObjectMeta, 2 spec ServiceSpec
PodDisruptionBudgetSpec: 1 minAvailable IntOrString, 2 selector LabelSelector, 3 maxUnavailable IntOrString
PodDisruptionBudget: 1 metadata ObjectMeta, 2 spec PodDisruptionBudgetSpec
PolicyRule: 1 verbs [string], 2 apiGroups [string], 3 resources [string], 4 resourceNames [string], 5 nonResourceURLs [string]
Role: 1 metadata ObjectMeta, 2 rules [PolicyRule]
ClusterRole: 1 metadata ObjectMeta, 2 rules [PolicyRule]
Subject: 1 kind string, 2 apiGroup string, 3 name string, 4 namespace string
RoleRef: 1 apiGroup string, 2 kind string, 3 name string
RoleBinding: 1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef
ClusterRoleBinding: 1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef
ResourceAttributes: 1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string
NonResourceAttributes: 1 path string, 2 verb string
SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec
SelfSubjectRulesReviewSpec: 1 namespace string
SelfSubjectRulesReview: 1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec
Preconditions: 1 uid string, 2 resourceVersion string
DeleteOptions: 1 gracePeriodSeconds count, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun [string]
TypeMeta: 1 apiVersion string, 2 kind string
`;

function parseField(text: string): readonly [number, MessageField] {
  const [number = "", name = "", type = ""] = text.trim().split(" ");
  const isRepeated = type.startsWith("[");
  return [Number(number), { name, type: isRepeated ? type.slice(1, -1) : type, isRepeated }];
}

export const MESSAGES: ReadonlyMap<string, Message> = new Map(
  NOTATION.trim()
    .split("\n")
    .map((line) => {
      const [name = "", fields = ""] = line.split(": ");
      return [name, new Map(fields.split(",").map(parseField))] as const;
    }),
);
