/**
 * Reads VirtualServices and DestinationRules into what the mesh knows of them. Lenient where the API server has
 * validated already: what is missing takes Istio's default.
 */
import { z } from "zod";
import { Metadata, Strings } from "./decode.ts";
import type {
  Destination,
  DestinationRule,
  Fault,
  HttpMatch,
  HttpRule,
  Mirror,
  Retries,
  StringMatch,
  VirtualService,
} from "./objects.ts";
import { resolveHost } from "./objects.ts";

const StringMatchShape = z.object({
  exact: z.string().optional(),
  prefix: z.string().optional(),
  regex: z.string().optional(),
});
const StringMatches = z.record(z.string(), StringMatchShape).default({});

const HttpMatchShape = z.object({
  uri: StringMatchShape.optional(),
  ignoreUriCase: z.boolean().default(false),
  scheme: StringMatchShape.optional(),
  method: StringMatchShape.optional(),
  authority: StringMatchShape.optional(),
  headers: StringMatches,
  withoutHeaders: StringMatches,
  queryParams: StringMatches,
  port: z.number().optional(),
  gateways: z.array(z.string()).default([]),
  sourceLabels: Strings.default({}),
  sourceNamespace: z.string().optional(),
});

const DestinationShape = z.object({ host: z.string(), subset: z.string().optional() });
const Percent = z.object({ value: z.number().default(0) });

const FaultShape = z.object({
  delay: z.object({ percentage: Percent.optional(), fixedDelay: z.string().optional() }).optional(),
  abort: z
    .object({
      percentage: Percent.optional(),
      httpStatus: z.number().optional(),
      grpcStatus: z.string().optional(),
    })
    .optional(),
});

const HttpRuleShape = z.object({
  name: z.string().default(""),
  match: z.array(HttpMatchShape).default([]),
  route: z
    .array(z.object({ destination: DestinationShape, weight: z.number().default(0) }))
    .default([]),
  redirect: z.object({ redirectCode: z.number().default(301) }).optional(),
  directResponse: z.object({ status: z.number() }).optional(),
  delegate: z.unknown().optional(),
  fault: FaultShape.optional(),
  timeout: z.string().optional(),
  retries: z
    .object({ attempts: z.number().default(0), retryOn: z.string().default("") })
    .optional(),
  mirror: DestinationShape.optional(),
  mirrorPercentage: Percent.optional(),
  mirrors: z
    .array(z.object({ destination: DestinationShape, percentage: Percent.optional() }))
    .default([]),
});

const VirtualServiceShape = z.object({
  metadata: Metadata,
  spec: z
    .object({
      hosts: z.array(z.string()).default([]),
      gateways: z.array(z.string()).default([]),
      exportTo: z.array(z.string()).default([]),
      http: z.array(HttpRuleShape).default([]),
    })
    .prefault({}),
});

export function decodeVirtualService(raw: unknown): VirtualService {
  const { metadata, spec } = VirtualServiceShape.parse(raw);
  const { namespace, name } = metadata;
  return {
    namespace,
    name,
    createdAt: metadata.creationTimestamp ?? "",
    hosts: spec.hosts.map((host) => resolveHost(host, namespace)),
    gateways: spec.gateways,
    exportTo: spec.exportTo,
    http: spec.http.map((rule) => toRule(rule, namespace)),
  };
}

function toRule(rule: z.infer<typeof HttpRuleShape>, namespace: string): HttpRule {
  const resolve = (destination: z.infer<typeof DestinationShape>): Destination => ({
    host: resolveHost(destination.host, namespace),
    subset: destination.subset,
  });
  return {
    name: rule.name,
    match: rule.match.map(toMatch),
    route: rule.route.map(({ destination, weight }) => ({
      destination: resolve(destination),
      weight,
    })),
    answersWith: rule.directResponse?.status ?? rule.redirect?.redirectCode,
    delegates: rule.delegate !== undefined,
    fault: rule.fault && toFault(rule.fault),
    timeoutMs: rule.timeout === undefined ? undefined : parseDurationMs(rule.timeout),
    retries: rule.retries && toRetries(rule.retries),
    mirrors: toMirrors(rule, resolve),
  };
}

function toMatch(match: z.infer<typeof HttpMatchShape>): HttpMatch {
  return {
    ...match,
    uri: match.uri && toStringMatch(match.uri),
    scheme: match.scheme && toStringMatch(match.scheme),
    method: match.method && toStringMatch(match.method),
    authority: match.authority && toStringMatch(match.authority),
    headers: toStringMatches(match.headers),
    withoutHeaders: toStringMatches(match.withoutHeaders),
    queryParams: toStringMatches(match.queryParams),
    port: match.port,
    sourceNamespace: match.sourceNamespace,
  };
}

function toStringMatches(
  matches: Readonly<Record<string, z.infer<typeof StringMatchShape>>>,
): Readonly<Record<string, StringMatch>> {
  return Object.fromEntries(
    Object.entries(matches).map(([name, match]) => [name, toStringMatch(match)]),
  );
}

function toStringMatch(match: z.infer<typeof StringMatchShape>): StringMatch {
  if (match.exact !== undefined) return { kind: "Exact", value: match.exact };
  if (match.prefix !== undefined) return { kind: "Prefix", value: match.prefix };
  if (match.regex !== undefined) return { kind: "Regex", value: match.regex };
  return { kind: "Present", value: "" };
}

/** In the order of their numbers. */
const grpcStatuses: readonly string[] = (
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS " +
  "PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED " +
  "INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED"
).split(" ");

/** Without a percentage a fault hits no request. */
function toFault(fault: z.infer<typeof FaultShape>): Fault {
  const { delay, abort } = fault;
  return {
    delay: delay && {
      share: (delay.percentage?.value ?? 0) / 100,
      ms: parseDurationMs(delay.fixedDelay ?? "") ?? 0,
    },
    abort: abort && {
      share: (abort.percentage?.value ?? 0) / 100,
      httpStatus: abort.httpStatus ?? 200,
      grpcStatus: grpcStatusNumber(abort.grpcStatus),
    },
  };
}

/** Routes name gRPC's statuses, metrics number them. */
function grpcStatusNumber(name: string | undefined): string {
  if (name === undefined) return "";
  const number = grpcStatuses.indexOf(name.toUpperCase());
  return number < 0 ? "2" : String(number);
}

function toRetries(retries: { readonly attempts: number; readonly retryOn: string }): Retries {
  const on = retries.retryOn.split(",").map((condition) => condition.trim());
  return { attempts: retries.attempts, on: on.filter((condition) => condition !== "") };
}

/** Without a percentage a mirror copies every request. */
function toMirrors(
  rule: z.infer<typeof HttpRuleShape>,
  resolve: (destination: z.infer<typeof DestinationShape>) => Destination,
): readonly Mirror[] {
  const shareOf = (percent: z.infer<typeof Percent> | undefined) => (percent?.value ?? 100) / 100;
  const single = rule.mirror && {
    destination: resolve(rule.mirror),
    share: shareOf(rule.mirrorPercentage),
  };
  const listed = rule.mirrors.map(({ destination, percentage }) => ({
    destination: resolve(destination),
    share: shareOf(percentage),
  }));
  return single === undefined ? listed : [single, ...listed];
}

const DestinationRuleShape = z.object({
  metadata: Metadata,
  spec: z.object({
    host: z.string(),
    exportTo: z.array(z.string()).default([]),
    subsets: z.array(z.object({ name: z.string(), labels: Strings.default({}) })).default([]),
  }),
});

export function decodeDestinationRule(raw: unknown): DestinationRule {
  const { metadata, spec } = DestinationRuleShape.parse(raw);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    createdAt: metadata.creationTimestamp ?? "",
    host: resolveHost(spec.host, metadata.namespace),
    exportTo: spec.exportTo,
    subsets: spec.subsets,
  };
}

/** Go's and protobuf's durations: "5s", "1m30s", "0.5s", "100ms". Undefined if it is none. */
export function parseDurationMs(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g);
  return [...parts].reduce((sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ""] ?? 0), 0);
}
