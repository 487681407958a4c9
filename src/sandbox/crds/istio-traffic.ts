/**
 * Schemas of the Istio kinds that route traffic, condensed and worded anew for the sandbox: every field is there with its type, and
 * lists are atomic as in Istio's own definitions.
 */
import { readNotation } from "../api-server/types/schema-notation.ts";

const MATCHING = `
StringMatch | How a string is compared; exactly one member. An empty object means: present.
  exact string | Equal to this.
  prefix string | Beginning with this.
  regex string | Matching this RE2 expression as a whole.
Percent | A percentage.
  value number | From 0 to 100; fractions are allowed.
PortSelector | A port by its number.
  number int64 min=0 max=4294967295 | The port.
HttpMatch | Conditions on a request; all of them must hold.
  authority StringMatch | The host header.
  gateways [string] | Gateways the condition is for; replaces those of the object.
  headers {StringMatch} | Headers by their lower-case names.
  ignoreUriCase bool | Whether the path is compared without regard to case.
  method StringMatch | The method.
  name string | A name for the condition, shown in access logs.
  port int64 min=0 max=4294967295 | The port addressed.
  queryParams {StringMatch} | Query parameters by name.
  scheme StringMatch | http or https.
  sourceLabels {string} | Labels of the calling workload.
  sourceNamespace string | Namespace of the calling workload.
  statPrefix string | Prefix of the statistics of this route.
  uri StringMatch | The path.
  withoutHeaders {StringMatch} | Headers that must not match.
TlsMatch | Conditions on a TLS connection.
  destinationSubnets [string] | Addresses that are called.
  gateways [string] | Gateways the condition is for.
  port int64 min=0 max=4294967295 | The port addressed.
  sniHosts! [string] | Server names asked for.
  sourceLabels {string} | Labels of the calling workload.
  sourceNamespace string | Namespace of the calling workload.
TcpMatch | Conditions on a TCP connection.
  destinationSubnets [string] | Addresses that are called.
  gateways [string] | Gateways the condition is for.
  port int64 min=0 max=4294967295 | The port addressed.
  sourceLabels {string} | Labels of the calling workload.
  sourceNamespace string | Namespace of the calling workload.
  sourceSubnet string | Address of the caller.
`;

const ROUTES = `
HeaderOperations | Changes of headers.
  add {string} | Values to append.
  remove [string] | Headers to remove.
  set {string} | Values to overwrite with.
Headers | Changes of the headers of requests and responses.
  request HeaderOperations | Before the request is forwarded.
  response HeaderOperations | Before the response is returned.
Destination | Where requests are sent.
  host! string | A Service; a short name is looked up in the VirtualService's namespace.
  port PortSelector | Port of the Service; may be left out when it has only one.
  subset string | Subset of the host, defined by a DestinationRule.
HttpDestination | One of the destinations that share the requests of a rule.
  destination! Destination | Where its share is sent.
  headers Headers | Changes of headers for its share.
  weight int | Share, relative to the sum of the weights of the rule; 0 takes no requests when there are others.
RouteDestination | One of the destinations that share connections.
  destination! Destination | Where its share is sent.
  weight int | Share, relative to the sum of the weights.
MirrorPolicy | One destination of copies.
  destination! Destination | Where copies are sent.
  percentage Percent | Share of requests that are copied; all when left out.
Redirect | An answer that sends the caller elsewhere.
  authority string | Host to go to.
  derivePort string enum=FROM_PROTOCOL_DEFAULT,FROM_REQUEST_PORT | Where the port is taken from.
  port int64 | Port to go to.
  redirectCode int64 | Status code; 301 by default.
  scheme string | Scheme to go to.
  uri string | Path to go to.
ResponseBody | Body of a fixed answer; one member.
  bytes string | As base64.
  string string | As text.
DirectResponse | A fixed answer.
  body ResponseBody | The body.
  status! int64 | The status code.
Delegate | A VirtualService that holds the routes of this rule.
  name string | Its name.
  namespace string | Its namespace.
RegexRewrite | A change of the path by an expression.
  match string | RE2 expression.
  rewrite string | What replaces it.
Rewrite | A change of the request's path or host.
  authority string | New host.
  uri string | New path or prefix.
  uriRegexRewrite RegexRewrite | New path by an expression.
Retries | How failed requests are tried again.
  attempts int | Tries beyond the first; 0 switches retries off.
  backoff string | Shortest time between tries.
  perTryTimeout string | Timeout of one try.
  retryIgnorePreviousHosts bool | Whether other hosts are preferred.
  retryOn string | Conditions, separated by commas.
  retryRemoteLocalities bool | Whether other localities may be tried.
FaultDelay | A delay before a request is forwarded.
  exponentialDelay string | Not used.
  fixedDelay string | How long.
  percent int | Deprecated: use percentage.
  percentage Percent | Share of requests; none when left out.
FaultAbort | An error instead of forwarding.
  grpcStatus string | gRPC status.
  http2Error string | HTTP/2 error.
  httpStatus int | HTTP status, 200 to 600.
  percentage Percent | Share of requests; none when left out.
Fault | Faults to inject; switches off timeouts and retries of its rule.
  abort FaultAbort | Errors.
  delay FaultDelay | Delays.
CorsPolicy | Which origins may call.
  allowCredentials bool | Whether credentials are allowed.
  allowHeaders [string] | Headers that are allowed.
  allowMethods [string] | Methods that are allowed.
  allowOrigin [string] | Deprecated: use allowOrigins.
  allowOrigins [StringMatch] | Origins that are allowed.
  exposeHeaders [string] | Headers the caller may read.
  maxAge string | How long the answer may be cached.
  unmatchedPreflights string enum=UNSPECIFIED,FORWARD,IGNORE | What happens to other preflights.
HttpRoute | A rule: conditions, and what happens to requests that meet them. The first rule that matches wins.
  corsPolicy CorsPolicy | Which origins may call.
  delegate Delegate | A VirtualService that holds the routes instead.
  directResponse DirectResponse | A fixed answer instead of routing.
  fault Fault | Faults to inject.
  headers Headers | Changes of headers.
  match [HttpMatch] | Conditions of which one must hold; none = every request.
  mirror Destination | Where copies of requests are sent; their answers are thrown away.
  mirror_percent int64 | Deprecated: use mirrorPercentage.
  mirrorPercent int64 | Deprecated: use mirrorPercentage.
  mirrorPercentage Percent | Share of requests that are copied; all when left out.
  mirrors [MirrorPolicy] | Several destinations of copies; excludes mirror.
  name string | Name of the rule, shown in access logs; need not be unique.
  redirect Redirect | An answer that sends the caller elsewhere.
  retries Retries | How failed requests are tried again; left out = the mesh's default.
  rewrite Rewrite | A change of path or host.
  route [HttpDestination] | Destinations that share the requests by weight.
  timeout string | Timeout of a request; none by default.
TlsRoute | Routing of TLS connections that are passed through.
  match! [TlsMatch] | Conditions of which one must hold.
  route [RouteDestination] | Destinations.
TcpRoute | Routing of TCP connections.
  match [TcpMatch] | Conditions of which one must hold.
  route [RouteDestination] | Destinations.
VirtualServiceSpec | How requests to hosts are routed.
  exportTo [string] | Namespaces that see it: a name, "." or "*".
  gateways [string] | Gateways it applies to; mesh = the sidecars.
  hosts [string] | Hosts whose requests it routes; none = a delegate.
  http [HttpRoute] | Rules for HTTP, in their order.
  tcp [TcpRoute] | Rules for TCP.
  tls [TlsRoute] | Rules for TLS that is passed through.
VirtualService | How requests to hosts are routed.
  spec VirtualServiceSpec | The rules.
  status any | State as seen by the control plane.
`;

const POLICIES = `
CookieAttribute | An attribute of a cookie.
  name! string | Its name.
  value string | Its value.
Maglev | The Maglev algorithm.
  tableSize int64 | Size of its table.
RingHash | The ring hash algorithm.
  minimumRingSize int64 | Virtual nodes at least.
LocalityDistribution | How the load of one locality is spread.
  from string | The callers' locality.
  to {int64} | Shares by locality.
LocalityFailover | Where load goes when a locality fails.
  from string | The failing region.
  to string | The region that takes over.
LocalityLoadBalancer | How localities are chosen.
  distribute [LocalityDistribution] | How load is spread.
  enabled bool | Whether localities count.
  failover [LocalityFailover] | Where load goes in a failure.
  failoverPriority [string] | Labels by which endpoints are preferred.
Http2KeepAlive | Keep-alive of HTTP/2 connections.
  interval string | Time between probes.
  timeout string | Time after which the connection is given up.
ConsistentHashCookie | A cookie that keeps clients on one host.
  attributes [CookieAttribute] | Attributes of the cookie.
  name! string | Name of the cookie.
  path string | Path of the cookie.
  ttl string | Life time of the cookie.
ConsistentHash | What is hashed to choose a host.
  httpCookie ConsistentHashCookie | A cookie.
  httpHeaderName string | A header.
  httpQueryParameterName string | A query parameter.
  maglev Maglev | The Maglev algorithm.
  minimumRingSize int64 | Deprecated.
  ringHash RingHash | The ring hash algorithm.
  useSourceIp bool | The address of the caller.
Warmup | How new hosts get their load little by little.
  aggression number | Speed of the growth.
  duration! string | How long it takes.
  minimumPercent number | Share to begin with.
LoadBalancer | How a host is chosen.
  consistentHash ConsistentHash | By a hash.
  localityLbSetting LocalityLoadBalancer | By locality.
  simple string enum=UNSPECIFIED,LEAST_CONN,RANDOM,PASSTHROUGH,ROUND_ROBIN,LEAST_REQUEST | By a simple rule.
  warmup Warmup | How new hosts get their load.
  warmupDurationSecs string | Deprecated: use warmup.
TcpKeepalive | Keep-alive of connections.
  interval string | Time between probes.
  probes int64 | Probes before the connection is given up.
  time string | Idle time before the first probe.
TcpPool | Bounds of TCP connections.
  connectTimeout string | Timeout of connecting.
  idleTimeout string | Idle time before a connection is closed.
  maxConnectionDuration string | Longest life of a connection.
  maxConnections int | Most connections to a host.
  tcpKeepalive TcpKeepalive | Keep-alive.
HttpPool | Bounds of HTTP requests.
  h2UpgradePolicy string enum=DEFAULT,DO_NOT_UPGRADE,UPGRADE | Whether connections become HTTP/2.
  http1MaxPendingRequests int | Most requests that wait.
  http2KeepAlive Http2KeepAlive | Keep-alive of HTTP/2 connections.
  http2MaxRequests int | Most requests at once.
  idleTimeout string | Idle time before a connection is closed.
  maxConcurrentStreams int | Most streams of a connection.
  maxRequestsPerConnection int | Most requests of a connection.
  maxRetries int | Most retries at once.
  useClientProtocol bool | Whether the caller's protocol is kept.
ConnectionPool | Bounds of connections and requests.
  http HttpPool | For HTTP.
  tcp TcpPool | For TCP.
OutlierDetection | When a failing host is taken out for a while.
  baseEjectionTime string | Shortest time it is out; 30s by default.
  consecutive5xxErrors int64 | Server errors in a row; 5 by default, 0 switches it off.
  consecutiveErrors int | Deprecated.
  consecutiveGatewayErrors int64 | Gateway errors in a row; off by default.
  consecutiveLocalOriginFailures int64 | Failures to connect in a row; needs splitExternalLocalOriginErrors.
  interval string | Time between sweeps; 10s by default.
  maxEjectionPercent int | Largest share of hosts that are out; 10 by default.
  minHealthPercent int | Share of healthy hosts below which none is taken out.
  outlierDetectionHttpErrorCodes [int64] | Status codes that count.
  splitExternalLocalOriginErrors bool | Whether failures to connect count apart.
ClientTls | TLS towards the host.
  caCertificates string | File of the authorities.
  caCrl string | File of revoked certificates.
  clientCertificate string | File of the client's certificate.
  credentialName string | Secret with the certificates.
  insecureSkipVerify bool | Whether the host's certificate is not checked.
  mode string enum=DISABLE,SIMPLE,MUTUAL,ISTIO_MUTUAL | How TLS is used.
  privateKey string | File of the client's key.
  sni string | Server name to ask for.
  subjectAltNames [string] | Names the host's certificate may have.
Tunnel | Tunnelling through another proxy.
  protocol string | CONNECT or POST.
  targetHost! string | Host to reach.
  targetPort! int64 | Port to reach.
ProxyProtocol | PROXY protocol towards the host.
  version string enum=V1,V2 | Its version.
RetryBudget | Bound of retries at once.
  minRetryConcurrency int64 | Retries that are always allowed.
  percent number | Share of active requests.
PortTrafficPolicy | Policy of one port; takes nothing over from the policy above.
  connectionPool ConnectionPool | Bounds of connections.
  loadBalancer LoadBalancer | How a host is chosen.
  outlierDetection OutlierDetection | When failing hosts are taken out.
  port PortSelector | The port.
  tls ClientTls | TLS towards the host.
TrafficPolicy | How requests reach the hosts behind a destination.
  connectionPool ConnectionPool | Bounds of connections.
  loadBalancer LoadBalancer | How a host is chosen.
  outlierDetection OutlierDetection | When failing hosts are taken out.
  portLevelSettings [PortTrafficPolicy] | Policies of single ports.
  proxyProtocol ProxyProtocol | PROXY protocol towards the host.
  retryBudget RetryBudget | Bound of retries at once.
  tls ClientTls | TLS towards the host.
  tunnel Tunnel | Tunnelling through another proxy.
Subset | A part of a host's endpoints, by labels.
  labels {string} | Labels the endpoints have; none = all endpoints.
  name! string | Name of the subset, unique in the rule.
  trafficPolicy TrafficPolicy | Policy of the subset; each block replaces the one above.
WorkloadSelector | Workloads by their labels.
  matchLabels {string} | Labels they have.
DestinationRuleSpec | Policies and subsets of a host.
  exportTo [string] | Namespaces that see it.
  host! string | The host; a short name is looked up in the rule's namespace.
  subsets [Subset] | Parts of its endpoints.
  trafficPolicy TrafficPolicy | Policy of the host.
  workloadSelector WorkloadSelector | Callers it applies to.
DestinationRule | Policies and subsets of a host, applied after routing.
  spec DestinationRuleSpec | The policies.
  status any | State as seen by the control plane.
`;

/** What the definitions of all Istio kinds may refer to. */
export const TRAFFIC_DEFINITIONS = readNotation(
  POLICIES,
  readNotation(ROUTES, readNotation(MATCHING)),
);
