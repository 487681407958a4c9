/** Schemas of the other built-in kinds: services and networks, configuration, events, permissions. */
import { readNotation } from "./schema-notation.ts";
import { WORKLOAD_DEFINITIONS } from "./schema-workloads.ts";

const CLUSTER = `
ObjectReference | Names an object.
  apiVersion string | API version of the object.
  fieldPath string | Part of the object.
  kind string | Kind of the object.
  name string | Name of the object.
  namespace string | Namespace of the object.
  resourceVersion string | Version of the object.
  uid string | Uid of the object.
NamespaceSpec | What a namespace waits for.
  finalizers [string] set | What must be done before it is removed.
NamespaceStatus | State of a namespace.
  conditions [Condition] key=type | State in detail.
  phase string | Active or Terminating.
Namespace | A scope for names.
  spec NamespaceSpec | What it waits for.
  status NamespaceStatus | Its state.
ServicePort | A port of a Service.
  appProtocol string | Application protocol.
  name string | Name, unique within the Service; needed when there are several ports.
  nodePort int | Port on every node.
  port! int min=1 max=65535 | Port the Service listens on.
  protocol string enum=TCP,UDP,SCTP | Transport protocol; TCP by default.
  targetPort intOrString | Port of the pods, by number or name; the same as port by default.
ServiceSpec | What a Service does.
  allocateLoadBalancerNodePorts bool | Whether a load balancer gets node ports.
  clusterIP string | Address of the Service; None for a headless one.
  clusterIPs [string] | Addresses of the Service.
  externalIPs [string] | Addresses of nodes that accept its traffic.
  externalName string | Name that the Service is an alias of.
  externalTrafficPolicy string | Cluster or Local.
  healthCheckNodePort int | Port of health checks.
  internalTrafficPolicy string | Cluster or Local.
  ipFamilies [string] | IPv4, IPv6.
  ipFamilyPolicy string | SingleStack, PreferDualStack or RequireDualStack.
  loadBalancerClass string | Load balancer implementation.
  loadBalancerIP string | Deprecated.
  loadBalancerSourceRanges [string] | Clients that are let in.
  ports [ServicePort] key=port,protocol | Ports it listens on.
  publishNotReadyAddresses bool | Whether pods that are not ready count.
  selector {string} | Labels of the pods behind it.
  sessionAffinity string enum=ClientIP,None | Whether clients stick to a pod; None by default.
  sessionAffinityConfig any | Parameters of session affinity.
  trafficDistribution string | Preference among endpoints.
  type string enum=ClusterIP,NodePort,LoadBalancer,ExternalName | How it is exposed; ClusterIP by default.
ServiceStatus | State of a Service.
  conditions [Condition] key=type | State in detail.
  loadBalancer any | State of the load balancer.
Service | A stable name and address for a set of pods.
  spec ServiceSpec | What it does.
  status ServiceStatus | Its state.
Secret | Confidential data.
  data {string} | Values in base64.
  immutable bool | Whether it can be changed.
  stringData {string} | Values as plain text; written into data.
  type string | What it is used for; Opaque by default.
ConfigMap | Configuration data.
  binaryData {string} | Values in base64.
  data {string} | Values as text.
  immutable bool | Whether it can be changed.
EventSource | Who reported it.
  component string | Program.
  host string | Node.
EventSeries | How often it happened.
  count int | Times.
  lastObservedTime string | Last time.
Event | Something that happened to an object.
  action string | What was done.
  count int | How often it happened.
  eventTime string | When it first happened.
  firstTimestamp time | When it first happened.
  involvedObject! ObjectReference | The object.
  lastTimestamp time | When it last happened.
  message string | What happened, for people.
  reason string | What happened, in one word.
  related ObjectReference | Another object it is about.
  reportingComponent string | Controller that reported it.
  reportingInstance string | Instance of the controller.
  series EventSeries | How often it happened.
  source EventSource | Who reported it.
  type string | Normal or Warning.
ServiceAccount | An identity for pods.
  automountServiceAccountToken bool | Whether pods get a token.
  imagePullSecrets [NamedRef] | Secrets for pulling images.
  secrets [ObjectReference] key=name | Secrets pods may use.
Endpoints | Addresses behind a Service.
  subsets [any] | The addresses.
Node | A machine of the cluster.
  spec any | What is wanted of it.
  status any | What it was last seen to do.
LeaseSpec | Who holds the lease.
  acquireTime string | When it was taken.
  holderIdentity string | Who holds it.
  leaseDurationSeconds int min=1 | How long it lasts after a renewal.
  leaseTransitions int | How often it changed hands.
  preferredHolder string | Who should take it over.
  renewTime string | When it was last renewed.
  strategy string | How holders are chosen.
Lease | A lock that expires.
  spec LeaseSpec | Who holds it.
EndpointSlice | Some of the addresses behind a Service.
  addressType! string | IPv4, IPv6 or FQDN.
  endpoints [any] | The addresses.
  ports [any] | The ports.
NetworkPolicySpec | Which traffic is let through.
  egress [any] | Traffic the pods may send.
  ingress [any] | Traffic the pods may receive.
  podSelector LabelSelector | The pods.
  policyTypes [string] | Ingress, Egress or both.
NetworkPolicy | Which traffic pods may send and receive.
  spec NetworkPolicySpec | The rules.
PolicyRule | Verbs that may be used on resources.
  apiGroups [string] | API groups.
  nonResourceURLs [string] | Paths that are no resources.
  resourceNames [string] | Names; all when empty.
  resources [string] | Resources.
  verbs! [string] | Verbs.
RoleRef | The role that is granted.
  apiGroup string | Its API group.
  kind! string | Its kind.
  name! string | Its name.
Subject | Who is granted it.
  apiGroup string | API group of the subject.
  kind! string | User, Group or ServiceAccount.
  name! string | Name of the subject.
  namespace string | Namespace of a ServiceAccount.
Role | Permissions within a namespace.
  rules [PolicyRule] | What is allowed.
ClusterRole | Permissions in the whole cluster.
  aggregationRule any | Roles that are added up.
  rules [PolicyRule] | What is allowed.
RoleBinding | Grants a role within a namespace.
  roleRef! RoleRef | The role.
  subjects [Subject] | To whom.
ClusterRoleBinding | Grants a role in the whole cluster.
  roleRef! RoleRef | The role.
  subjects [Subject] | To whom.
DefinitionNames | Names of the defined kind.
  categories [string] | Groups of kinds it belongs to, such as all.
  kind! string | Kind.
  listKind string | Kind of lists.
  plural! string | Name in paths.
  shortNames [string] | Short names for the command line.
  singular string | Name for the command line.
DefinitionVersion | One version of the defined kind.
  additionalPrinterColumns [any] | Columns of kubectl get.
  deprecated bool | Whether using it warns.
  deprecationWarning string | The warning.
  name! string | Name of the version.
  schema any | Schema of the objects.
  selectableFields [any] | Fields to select by.
  served! bool | Whether it can be used.
  storage! bool | Whether objects are stored in it.
  subresources any | Status and scale.
CustomResourceDefinitionSpec | The kind that is defined.
  conversion any | How versions are converted.
  group! string | API group.
  names! DefinitionNames | Names.
  preserveUnknownFields bool | Deprecated.
  scope! string | Namespaced or Cluster.
  versions! [DefinitionVersion] | Versions.
CustomResourceDefinition | Defines a kind of custom resources.
  spec! CustomResourceDefinitionSpec | The kind that is defined.
  status any | Its state.
SelfSubjectAccessReview | Asks whether the caller may do something.
  spec! any | What.
  status any | The answer.
SelfSubjectRulesReview | Asks what the caller may do.
  spec! any | Where.
  status any | The answer.
`;

/** Every built-in kind, and what they are made of, by name. */
export const DEFINITIONS = readNotation(CLUSTER, WORKLOAD_DEFINITIONS);
