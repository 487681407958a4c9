/** Schemas of pods and what they are made of. */
import { readNotation } from "./schema-notation.ts";

const CONTAINER = `
ConfigMapKeySelector | A key of a ConfigMap.
  key! string | The key to read.
  name string | Name of the ConfigMap.
  optional bool | Whether it may be missing.
SecretKeySelector | A key of a Secret.
  key! string | The key to read.
  name string | Name of the Secret.
  optional bool | Whether it may be missing.
FieldSelector | A field of the pod.
  apiVersion string | Version the path is written for.
  fieldPath! string | Path of the field, such as metadata.name.
ResourceFieldSelector | A resource of a container.
  containerName string | Container it is read from.
  divisor quantity | Unit of the result.
  resource! string | The resource, such as limits.cpu.
EnvVarSource | Where the value of a variable comes from.
  configMapKeyRef ConfigMapKeySelector | A key of a ConfigMap in the pod's namespace.
  fieldRef FieldSelector | A field of the pod.
  resourceFieldRef ResourceFieldSelector | A resource of the container.
  secretKeyRef SecretKeySelector | A key of a Secret in the pod's namespace.
EnvVar | A variable in a container's environment.
  name! string | Name of the variable.
  value string | Its value; $(OTHER) is expanded.
  valueFrom EnvVarSource | Where its value comes from, if not given.
EnvRef | An object all of whose keys become variables.
  name string | Name of the object.
  optional bool | Whether it may be missing.
EnvFromSource | Variables taken from a ConfigMap or a Secret.
  configMapRef EnvRef | The ConfigMap.
  prefix string | Put before each key.
  secretRef EnvRef | The Secret.
ContainerPort | A port a container listens on.
  containerPort! int min=1 max=65535 | Port number within the pod.
  hostIP string | Address of the node to bind.
  hostPort int | Port of the node.
  name string | Name that Services can refer to.
  protocol string enum=TCP,UDP,SCTP | Transport protocol; TCP by default.
HttpHeader | A header of a probe's request.
  name! string | Its name.
  value! string | Its value.
HttpGetAction | An HTTP request.
  host string | Host name to connect to; the pod's address by default.
  httpHeaders [HttpHeader] | Headers to send.
  path string | Path to request.
  port! intOrString | Port number or name.
  scheme string | HTTP or HTTPS.
ExecAction | A command in the container.
  command [string] | The command and its arguments; no shell.
TcpSocketAction | A TCP connection.
  host string | Host to connect to.
  port! intOrString | Port number or name.
GrpcAction | A gRPC health check.
  port! int | Port number.
  service string | Service named in the request.
Probe | A periodic check of a container.
  exec ExecAction | Runs a command.
  failureThreshold int min=1 | Failures in a row that count as failed; 3 by default.
  grpc GrpcAction | Asks the gRPC health service.
  httpGet HttpGetAction | Makes an HTTP request.
  initialDelaySeconds int | Seconds after the start before the first check.
  periodSeconds int min=1 | Seconds between checks; 10 by default.
  successThreshold int min=1 | Successes in a row that count as passed; 1 by default.
  tcpSocket TcpSocketAction | Opens a connection.
  terminationGracePeriodSeconds int64 | Seconds to stop in after a failed check.
  timeoutSeconds int min=1 | Seconds before a check counts as failed; 1 by default.
LifecycleHandler | What to do at a point of a container's life.
  exec ExecAction | Runs a command.
  httpGet HttpGetAction | Makes an HTTP request.
  sleep any | Waits.
  tcpSocket TcpSocketAction | Deprecated.
Lifecycle | What to do after the start and before the end of a container.
  postStart LifecycleHandler | Right after the container is created.
  preStop LifecycleHandler | Before the container is stopped.
  stopSignal string | Signal to stop with.
ResourceRequirements | Compute resources.
  claims [any] | Dynamic resources.
  limits {quantity} | The most a container may use.
  requests {quantity} | What a container is guaranteed.
VolumeMount | Where a volume appears in a container.
  mountPath! string | Path within the container.
  mountPropagation string | How mounts spread.
  name! string | Name of the volume.
  readOnly bool | Whether it may not be written to.
  recursiveReadOnly string | Whether mounts below are read-only too.
  subPath string | Path within the volume.
  subPathExpr string | Path within the volume with variables.
VolumeDevice | A raw device in a container.
  devicePath! string | Path within the container.
  name! string | Name of the claim.
Container | One container of a pod.
  args [string] | Arguments of the entrypoint; the image's by default.
  command [string] | The entrypoint; the image's by default.
  env [EnvVar] key=name | Environment variables.
  envFrom [EnvFromSource] | Sources of many environment variables.
  image string | Image to run.
  imagePullPolicy string enum=Always,IfNotPresent,Never | When the image is pulled.
  lifecycle Lifecycle | What to do after the start and before the end.
  livenessProbe Probe | Restarts the container when it fails.
  name! string | Name, a DNS label, unique in the pod.
  ports [ContainerPort] key=containerPort,protocol | Ports to document and name.
  readinessProbe Probe | Takes the pod out of its Services while it fails.
  resizePolicy [any] | How resources are changed while running.
  resources ResourceRequirements | Compute resources.
  restartPolicy string | Restart policy of an init container (Always makes it a sidecar).
  securityContext any | Security options.
  startupProbe Probe | Must pass before the other probes run.
  stdin bool | Whether a buffer for standard input is kept.
  stdinOnce bool | Whether standard input is closed after the first session.
  targetContainerName string | Container whose namespaces an ephemeral container shares.
  terminationMessagePath string | File with the container's last words.
  terminationMessagePolicy string enum=File,FallbackToLogsOnError | Where the last words come from.
  tty bool | Whether a terminal is allocated.
  volumeDevices [VolumeDevice] key=devicePath | Raw devices.
  volumeMounts [VolumeMount] key=mountPath | Volumes in the file system.
  workingDir string | Working directory.
`;

const POD = `
NamedRef | Names an object in the same namespace.
  name string | Its name.
HostAlias | Names for an address in the hosts file.
  hostnames [string] | The names.
  ip! string | The address.
Toleration | A taint that does not keep the pod off a node.
  effect string | Effect of the taint.
  key string | Key of the taint.
  operator string | Exists or Equal.
  tolerationSeconds int64 | How long it is tolerated.
  value string | Value of the taint.
SelectorRequirement | One condition on labels.
  key! string | Key of the label.
  operator! string enum=In,NotIn,Exists,DoesNotExist | How it is compared.
  values [string] | Values to compare with.
LabelSelector | Selects objects by their labels; all conditions must hold.
  matchExpressions [SelectorRequirement] | Conditions.
  matchLabels {string} | Labels with exactly these values.
TopologySpreadConstraint | How pods are spread over a topology.
  labelSelector LabelSelector | Pods that count.
  matchLabelKeys [string] | Labels whose values are taken from the pod.
  maxSkew! int | Largest difference.
  minDomains int | Least number of domains.
  nodeAffinityPolicy string | Whether node affinity counts.
  nodeTaintsPolicy string | Whether taints count.
  topologyKey! string | Node label that makes a domain.
  whenUnsatisfiable! string | DoNotSchedule or ScheduleAnyway.
Volume | A directory that containers of a pod can mount; exactly one source.
  awsElasticBlockStore any | An AWS disk.
  azureDisk any | An Azure disk.
  azureFile any | An Azure file share.
  cephfs any | A Ceph mount.
  cinder any | A Cinder volume.
  configMap any | The keys of a ConfigMap as files.
  csi any | An ephemeral CSI volume.
  downwardAPI any | Facts about the pod as files.
  emptyDir any | A directory that lives as long as the pod.
  ephemeral any | A volume claimed for this pod.
  fc any | A Fibre Channel volume.
  flexVolume any | A Flex volume.
  flocker any | A Flocker volume.
  gcePersistentDisk any | A GCE disk.
  gitRepo any | Deprecated.
  glusterfs any | A Gluster mount.
  hostPath any | A path of the node.
  image any | An image as a volume.
  iscsi any | An iSCSI disk.
  name! string | Name, unique in the pod.
  nfs any | An NFS mount.
  persistentVolumeClaim any | A claim in the same namespace.
  photonPersistentDisk any | A Photon disk.
  portworxVolume any | A Portworx volume.
  projected any | Several sources in one directory.
  quobyte any | A Quobyte mount.
  rbd any | A Rados block device.
  scaleIO any | A ScaleIO volume.
  secret any | The keys of a Secret as files.
  storageos any | A StorageOS volume.
  vsphereVolume any | A vSphere volume.
PodSpec | What a pod runs and how.
  activeDeadlineSeconds int64 | Seconds the pod may be active.
  affinity any | Rules about which node the pod runs on.
  automountServiceAccountToken bool | Whether a token is mounted.
  containers! [Container] key=name | Containers of the pod; at least one.
  dnsConfig any | DNS parameters.
  dnsPolicy string | How names are resolved; ClusterFirst by default.
  enableServiceLinks bool | Whether Services become environment variables.
  ephemeralContainers [Container] key=name | Containers added for debugging.
  hostAliases [HostAlias] key=ip | Entries of the hosts file.
  hostIPC bool | Whether the node's IPC namespace is used.
  hostNetwork bool | Whether the node's network is used.
  hostPID bool | Whether the node's process namespace is used.
  hostUsers bool | Whether the node's user namespace is used.
  hostname string | Host name of the pod.
  imagePullSecrets [NamedRef] key=name | Secrets for pulling images.
  initContainers [Container] key=name | Containers that run to their end first.
  nodeName string | Node the pod is bound to.
  nodeSelector {string} | Labels a node must have.
  os any | Operating system of the containers.
  overhead {quantity} | Resources the runtime itself takes.
  preemptionPolicy string | Whether other pods may be removed for this one.
  priority int | Priority.
  priorityClassName string | Class that gives the priority.
  readinessGates [any] | Conditions that readiness also needs.
  resourceClaims [any] key=name | Dynamic resources.
  resources ResourceRequirements | Compute resources of the whole pod.
  restartPolicy string enum=Always,OnFailure,Never | Restart policy of containers; Always by default.
  runtimeClassName string | Runtime class.
  schedulerName string | Scheduler that binds the pod.
  schedulingGates [any] key=name | What scheduling waits for.
  securityContext any | Security options of all containers.
  serviceAccount string | Deprecated: use serviceAccountName.
  serviceAccountName string | ServiceAccount the pod runs as.
  setHostnameAsFQDN bool | Whether the host name is fully qualified.
  shareProcessNamespace bool | Whether containers see each other's processes.
  subdomain string | Subdomain of the pod's host name.
  terminationGracePeriodSeconds int64 | Seconds to stop in; 30 by default.
  tolerations [Toleration] | Taints that do not keep the pod off.
  topologySpreadConstraints [TopologySpreadConstraint] key=topologyKey,whenUnsatisfiable | How pods are spread.
  volumes [Volume] key=name | Volumes that containers can mount.
Condition | One aspect of the state of an object.
  lastHeartbeatTime time | When the state was last reported.
  lastProbeTime time | When the state was last looked at.
  lastTransitionTime time | When the status last changed.
  lastUpdateTime time | When the condition was last written.
  message string | What happened, for people.
  observedGeneration int64 | Generation the condition is about.
  reason string | What happened, in one word.
  status! string | True, False or Unknown.
  type! string | The aspect.
PodIp | An address of the pod.
  ip! string | The address.
PodStatus | What the pod was last seen to do.
  conditions [Condition] key=type | State of the pod.
  containerStatuses [any] | State of each container.
  ephemeralContainerStatuses [any] | State of each ephemeral container.
  hostIP string | Address of the node.
  hostIPs [any] | Addresses of the node.
  initContainerStatuses [any] | State of each init container.
  message string | Why the pod is in this state.
  nominatedNodeName string | Node that is being freed for it.
  observedGeneration int64 | Generation the status is about.
  phase string | Pending, Running, Succeeded, Failed or Unknown.
  podIP string | Address of the pod.
  podIPs [PodIp] key=ip | Addresses of the pod.
  qosClass string | Quality of service, from the resources.
  reason string | Why the pod is in this state, in one word.
  resize string | State of a resize.
  resourceClaimStatuses [any] | State of dynamic resources.
  startTime time | When the node accepted the pod.
Pod | A group of containers that run together on one node.
  spec PodSpec | What it runs and how.
  status PodStatus | What it was last seen to do.
`;

export const POD_DEFINITIONS = readNotation(POD, readNotation(CONTAINER));
