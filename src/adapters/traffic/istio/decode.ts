/**
 * What the adapter reads of VirtualServices, DestinationRules and Services. Unknown fields are left to the raw
 * object, but for destinations and matches: these are tested as a whole, so they are kept as they came.
 */
import { z } from "zod";
import type { RawObject } from "../../kubernetes/raw-object.ts";

const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string().default(""),
  resourceVersion: z.string().default(""),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

const Destination = z.looseObject({ host: z.string(), subset: z.string().optional() });
export type Destination = z.infer<typeof Destination>;

const RouteEntry = z.object({
  destination: Destination,
  weight: z.number().optional(),
});
export type RouteEntry = z.infer<typeof RouteEntry>;

const HttpRule = z.object({
  name: z.string().optional(),
  match: z.unknown().optional(),
  route: z.array(RouteEntry).default([]),
  mirror: z.unknown().optional(),
  mirrorPercentage: z.unknown().optional(),
  mirrorPercent: z.unknown().optional(),
  mirror_percent: z.unknown().optional(),
  mirrors: z.array(z.unknown()).default([]),
  delegate: z.unknown().optional(),
  redirect: z.unknown().optional(),
  directResponse: z.unknown().optional(),
});
export type HttpRule = z.infer<typeof HttpRule>;

/** A rule for TCP or TLS connections. */
const ConnectionRule = z.object({
  route: z.array(z.object({ destination: Destination })).default([]),
});

const VirtualServiceView = z.object({
  metadata: Metadata,
  spec: z
    .object({
      hosts: z.array(z.string()).default([]),
      http: z.array(HttpRule).default([]),
      tls: z.array(ConnectionRule).default([]),
      tcp: z.array(ConnectionRule).default([]),
    })
    .prefault({}),
});
export type VirtualServiceView = z.infer<typeof VirtualServiceView>;

const DestinationRuleView = z.object({
  metadata: Metadata,
  spec: z.object({
    host: z.string(),
    subsets: z
      .array(
        z.object({
          name: z.string(),
          labels: z.record(z.string(), z.string()).default({}),
        }),
      )
      .default([]),
    workloadSelector: z.unknown().optional(),
  }),
});
export type DestinationRuleView = z.infer<typeof DestinationRuleView>;

const ServiceView = z.object({
  metadata: Metadata,
  spec: z
    .object({
      type: z.string().default("ClusterIP"),
      selector: z.record(z.string(), z.string()).default({}),
      ports: z.array(z.looseObject({ port: z.number() })).default([]),
    })
    .prefault({}),
});
export type ServiceView = z.infer<typeof ServiceView>;

export const decodeVirtualService = (raw: RawObject): VirtualServiceView =>
  VirtualServiceView.parse(raw);
export const decodeDestinationRule = (raw: RawObject): DestinationRuleView =>
  DestinationRuleView.parse(raw);
export const decodeService = (raw: RawObject): ServiceView => ServiceView.parse(raw);
