/** What Serin is to generate where a service has no routing objects yet: Istio's own notation, as far as it is honoured. */
import { z } from "zod";

/** A span of time as Istio writes it, 1 ms or more. */
const duration = z
  .string()
  .max(32)
  .regex(/^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$/);

const StringMatch = z
  .object({
    exact: z.string().max(1024).optional().describe("The whole value."),
    prefix: z.string().max(1024).optional().describe("How the value begins."),
    regex: z.string().max(1024).optional().describe("A pattern (RE2) that the whole value fits."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "[has(self.exact), has(self.prefix), has(self.regex)].exists_one(given, given)",
        message: "give exactly one of exact, prefix and regex",
      },
    ],
  });

const byName = (what: string) =>
  z.record(z.string().max(256), StringMatch).meta({ maxProperties: 16 }).optional().describe(what);

const HttpMatch = z.object({
  uri: StringMatch.optional().describe("Path of the request."),
  method: StringMatch.optional().describe("Method of the request."),
  authority: StringMatch.optional().describe("Host that the request names."),
  headers: byName("Headers by their names in lower case."),
  queryParams: byName("Parameters of the query by name."),
  ignoreUriCase: z.boolean().optional().describe("True: the case of the path does not matter."),
});

const Tcp = z.object({
  maxConnections: z
    .int32()
    .min(1)
    .default(4096)
    .describe("Most connections of one proxy to a version."),
  connectTimeout: duration.default("5s").describe("Longest time to open a connection."),
});

const Http = z.object({
  http1MaxPendingRequests: z
    .int32()
    .min(1)
    .default(1024)
    .describe("Most requests of one proxy that wait for a connection."),
  http2MaxRequests: z
    .int32()
    .min(1)
    .default(4096)
    .describe("Most requests of one proxy under way to a version."),
  maxRequestsPerConnection: z
    .int32()
    .min(0)
    .optional()
    .describe("Most requests on one connection; 0 or left out: no bound."),
  idleTimeout: duration.optional().describe("Longest time that an idle connection is kept."),
});

const OutlierDetection = z.object({
  consecutive5xxErrors: z
    .int32()
    .min(0)
    .default(5)
    .describe("Answers 5xx in a row after which a pod is left out for a while; 0: never."),
  interval: duration.default("10s").describe("Time between two looks at the pods."),
  baseEjectionTime: duration
    .default("30s")
    .describe("Shortest time that a pod is left out; it grows with every time."),
  maxEjectionPercent: z
    .int32()
    .min(0)
    .max(99)
    .default(50)
    .describe("Largest share of a version's pods that may be left out at once: never all of them."),
});

const ConnectionPool = z.object({
  tcp: Tcp.default(Tcp.parse({})).describe("Bounds of connections."),
  http: Http.default(Http.parse({})).describe("Bounds of requests."),
});

const TrafficPolicy = z.object({
  connectionPool: ConnectionPool.default(ConnectionPool.parse({})).describe(
    "Bounds that keep one caller from taking everything.",
  ),
  outlierDetection: OutlierDetection.default(OutlierDetection.parse({})).describe(
    "When a pod that answers badly is left out for a while.",
  ),
  loadBalancer: z
    .object({
      simple: z
        .enum(["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM"])
        .default("LEAST_REQUEST")
        .describe("How requests are spread over a version's pods."),
    })
    .optional()
    .describe("How requests are spread. Default: the mesh's."),
  tls: z
    .object({
      mode: z
        .enum(["DISABLE", "ISTIO_MUTUAL"])
        .default("ISTIO_MUTUAL")
        .describe("ISTIO_MUTUAL: always mutual TLS. DISABLE: never."),
    })
    .optional()
    .describe("Encryption between the proxies. Default: what the mesh decides by itself."),
});

export const GeneratedRouting = z.object({
  hosts: z
    .array(z.string().min(1).max(253))
    .max(32)
    .default([])
    .describe(
      "Hosts of the VirtualService, for callers that come by a gateway; inside the mesh the Service's name is always one.",
    ),
  gateways: z
    .array(z.string().min(1).max(253))
    .min(1)
    .max(16)
    .default(["mesh"])
    .describe("Gateways of the VirtualService; mesh stands for the callers inside the mesh."),
  match: z
    .array(HttpMatch)
    .max(16)
    .default([])
    .describe(
      "Which requests are routed: those that fit one of these; all when empty. What fits none has no route, as in any VirtualService.",
    ),
  timeout: duration
    .optional()
    .describe("Longest time of a request, retries included. Default: none."),
  trafficPolicy: TrafficPolicy.default(TrafficPolicy.parse({})).describe(
    "Traffic policy of the DestinationRule, for both versions.",
  ),
});
export type GeneratedRouting = z.infer<typeof GeneratedRouting>;
