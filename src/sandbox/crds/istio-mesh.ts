/** Schemas of the Istio kinds that describe the mesh and its edges, and of those that secure it. */
import { readNotation } from "../api-server/types/schema-notation.ts";
import { TRAFFIC_DEFINITIONS } from "./istio-traffic.ts";

const MESH = `
EntryPort | A port of a service outside the mesh.
  name! string | Its name.
  number! int64 min=0 max=4294967295 | Its number.
  protocol string | HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS.
  targetPort int64 | Port of the endpoints.
Endpoint | One endpoint of a service outside the mesh.
  address string | Its address.
  labels {string} | Its labels.
  locality string | Its locality.
  network string | Its network.
  ports {int64} | Its ports by the names of the service's ports.
  serviceAccount string | Identity it runs as.
  weight int64 | Share of the load.
EntryWorkloadSelector | Workloads by their labels.
  labels {string} | Labels they have.
ServiceEntrySpec | A service that the mesh does not know by itself.
  addresses [string] | Virtual addresses.
  endpoints [Endpoint] | Its endpoints.
  exportTo [string] | Namespaces that see it.
  hosts! [string] | Its names.
  location string enum=MESH_EXTERNAL,MESH_INTERNAL | Whether it is part of the mesh.
  ports [EntryPort] | Its ports.
  resolution string enum=NONE,STATIC,DNS,DNS_ROUND_ROBIN,DYNAMIC_DNS | How its endpoints are found.
  subjectAltNames [string] | Names its certificate may have.
  workloadSelector EntryWorkloadSelector | Workloads that are its endpoints.
ServiceEntry | Adds a service to those the mesh knows.
  spec ServiceEntrySpec | The service.
  status any | State as seen by the control plane.
GatewayPort | A port of a gateway.
  name! string | Its name.
  number! int64 min=0 max=4294967295 | Its number.
  protocol! string | HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS.
  targetPort int64 | Not used.
TlsCertificate | Files of one certificate.
  caCertificates string | File of the authorities.
  privateKey string | File of the key.
  serverCertificate string | File of the certificate.
ServerTls | TLS of a gateway's port.
  caCertCredentialName string | Secret with the authorities.
  caCertificates string | File of the authorities.
  caCrl string | File of revoked certificates.
  cipherSuites [string] | Ciphers that are allowed.
  credentialName string | Secret with the certificate and key.
  credentialNames [string] | Secrets with certificates and keys.
  httpsRedirect bool | Whether plain HTTP is sent to HTTPS.
  maxProtocolVersion string enum=TLS_AUTO,TLSV1_0,TLSV1_1,TLSV1_2,TLSV1_3 | Newest version.
  minProtocolVersion string enum=TLS_AUTO,TLSV1_0,TLSV1_1,TLSV1_2,TLSV1_3 | Oldest version.
  mode string enum=PASSTHROUGH,SIMPLE,MUTUAL,AUTO_PASSTHROUGH,ISTIO_MUTUAL,OPTIONAL_MUTUAL | How TLS is used.
  privateKey string | File of the key.
  serverCertificate string | File of the certificate.
  subjectAltNames [string] | Names a client's certificate may have.
  tlsCertificates [TlsCertificate] | Files of several certificates.
  verifyCertificateHash [string] | Hashes a client's certificate may have.
  verifyCertificateSpki [string] | Key hashes a client's certificate may have.
Server | One port of a gateway and the hosts it serves.
  bind string | Address to listen on.
  defaultEndpoint string | Not used.
  hosts! [string] | Hosts it serves.
  name string | Its name, unique in the gateway.
  port! GatewayPort | The port.
  tls ServerTls | TLS of the port.
GatewaySpec | Ports at the edge of the mesh.
  selector {string} | Labels of the gateway's pods.
  servers [Server] | The ports.
Gateway | A load balancer at the edge of the mesh.
  spec GatewaySpec | Its ports.
  status any | State as seen by the control plane.
SidecarPort | A port of a listener.
  name string | Its name.
  number int64 min=0 max=4294967295 | Its number.
  protocol string | Its protocol.
  targetPort int64 | Not used.
EgressListener | Hosts that workloads may call.
  bind string | Address to listen on.
  captureMode string enum=DEFAULT,IPTABLES,NONE | How traffic reaches the listener.
  hosts! [string] | Hosts, as namespace/name.
  port SidecarPort | The port.
IngressListener | A port that workloads are called on.
  bind string | Address to listen on.
  captureMode string enum=DEFAULT,IPTABLES,NONE | How traffic reaches the listener.
  connectionPool ConnectionPool | Bounds of connections.
  defaultEndpoint string | Where requests are handed on.
  port! SidecarPort | The port.
  tls ServerTls | TLS of the port.
OutboundTrafficPolicy | What happens to calls of unknown hosts.
  egressProxy Destination | Where they are sent.
  mode string enum=REGISTRY_ONLY,ALLOW_ANY | Whether they are allowed.
SidecarSpec | What the proxies of workloads know.
  egress [EgressListener] | Hosts they may call.
  inboundConnectionPool ConnectionPool | Bounds of incoming connections.
  ingress [IngressListener] | Ports they are called on.
  outboundTrafficPolicy OutboundTrafficPolicy | What happens to calls of unknown hosts.
  workloadSelector EntryWorkloadSelector | The workloads; left out = all of the namespace.
Sidecar | Narrows what the proxies of workloads know.
  spec SidecarSpec | What they know.
  status any | State as seen by the control plane.
`;

const SECURITY = `
TargetRef | Names the object a policy is attached to.
  group string | Its API group.
  kind! string | Its kind.
  name! string | Its name.
  namespace string | Its namespace.
Source | Who calls.
  ipBlocks [string] | Addresses of the connection.
  namespaces [string] | Namespaces.
  notIpBlocks [string] | Not these addresses.
  notNamespaces [string] | Not these namespaces.
  notPrincipals [string] | Not these identities.
  notRemoteIpBlocks [string] | Not these original addresses.
  notRequestPrincipals [string] | Not these token identities.
  notServiceAccounts [string] | Not these service accounts.
  principals [string] | Identities by certificate.
  remoteIpBlocks [string] | Original addresses.
  requestPrincipals [string] | Identities by token.
  serviceAccounts [string] | Service accounts.
From | Who calls.
  source Source | The caller.
Operation | What is called.
  hosts [string] | Hosts.
  methods [string] | Methods.
  notHosts [string] | Not these hosts.
  notMethods [string] | Not these methods.
  notPaths [string] | Not these paths.
  notPorts [string] | Not these ports.
  paths [string] | Paths.
  ports [string] | Ports.
To | What is called.
  operation Operation | The operation.
When | A further condition.
  key! string | Attribute of the request.
  notValues [string] | Not these values.
  values [string] | These values.
AuthorizationRule | Requests the policy is about.
  from [From] | Who calls.
  to [To] | What is called.
  when [When] | Further conditions.
ExtensionProvider | An outside authorizer.
  name string | Its name in the mesh configuration.
AuthorizationPolicySpec | Which requests workloads accept.
  action string enum=ALLOW,DENY,AUDIT,CUSTOM | What happens to requests that match.
  provider ExtensionProvider | The authorizer of CUSTOM.
  rules [AuthorizationRule] | Requests it is about.
  selector WorkloadSelector | The workloads; left out = all of the namespace.
  targetRef TargetRef | The object it is attached to.
  targetRefs [TargetRef] | The objects it is attached to.
AuthorizationPolicy | Which requests workloads accept.
  spec AuthorizationPolicySpec | The policy.
  status any | State as seen by the control plane.
MutualTls | Mutual TLS.
  mode string enum=UNSET,DISABLE,PERMISSIVE,STRICT | How it is demanded.
PeerAuthenticationSpec | Whether workloads demand mutual TLS.
  mtls MutualTls | For all ports.
  portLevelMtls {MutualTls} | For single ports.
  selector WorkloadSelector | The workloads; left out = all of the namespace.
PeerAuthentication | Whether workloads demand mutual TLS.
  spec PeerAuthenticationSpec | The policy.
  status any | State as seen by the control plane.
TokenHeader | A header with a token.
  name! string | Its name.
  prefix string | What stands before the token.
ClaimHeader | A header made of a claim.
  claim! string | The claim.
  header! string | The header.
JwtRule | Tokens that are accepted.
  audiences [string] | Audiences.
  forwardOriginalToken bool | Whether the token is forwarded.
  fromCookies [string] | Cookies with the token.
  fromHeaders [TokenHeader] | Headers with the token.
  fromParams [string] | Query parameters with the token.
  issuer! string | Issuer.
  jwks string | Keys.
  jwks_uri string | Address of the keys.
  jwksUri string | Address of the keys.
  outputClaimToHeaders [ClaimHeader] | Claims that become headers.
  outputPayloadToHeader string | Header that gets the whole content.
  spaceDelimitedClaims [string] | Claims that are lists of words.
  timeout string | Timeout of fetching keys.
RequestAuthenticationSpec | Which tokens workloads accept.
  jwtRules [JwtRule] | The tokens.
  selector WorkloadSelector | The workloads; left out = all of the namespace.
  targetRef TargetRef | The object it is attached to.
  targetRefs [TargetRef] | The objects it is attached to.
RequestAuthentication | Which tokens workloads accept.
  spec RequestAuthenticationSpec | The policy.
  status any | State as seen by the control plane.
`;

export const ISTIO_DEFINITIONS = readNotation(SECURITY, readNotation(MESH, TRAFFIC_DEFINITIONS));
