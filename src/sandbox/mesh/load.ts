/**
 * How many requests of which kind the simulated clients send to a Service, read from its annotations. Clients call
 * what people call: a Service generated beside another one to hold one version gets no load of its own.
 */
import type { Log } from "../../ports/log.ts";
import { decodeRequestClasses } from "./decode.ts";
import { maxRequestClasses, maxRequestsPerSecond } from "./limits.ts";
import type { MeshService, RequestClass } from "./objects.ts";
import { parseNumber } from "./pod-behaviour.ts";

const loadAnnotations = {
  /** Requests per second to the Service's host; 0 = none. Default 100. */
  requestsPerSecond: "sandbox.serin.dev/requests-per-second",
  /**
   * Kinds of requests that differ from a plain GET /, as JSON: one object or a list of
   * `{"percent": 30, "headers": {"x-beta": "1"}, "uri": "/", "method": "GET"}`; what is left out is plain.
   */
  headerRequests: "sandbox.serin.dev/header-requests",
} as const;

export interface Load {
  readonly requestsPerSecond: number;
  /** The declared classes, then the plain one. */
  readonly classes: readonly RequestClass[];
  /** Running totals of their shares. */
  readonly cumulative: readonly number[];
}

const defaultRequestsPerSecond = 100;
const versionSuffixes = ["-primary", "-canary", "-shadow"];

/** Undefined: nobody calls it. */
export function planLoad(service: MeshService, log: Log): Load | undefined {
  if (service.selector === undefined || service.http === undefined) return undefined;
  const requestsPerSecond = parseRate(service, log);
  if (requestsPerSecond === 0) return undefined;
  const declared = parseClasses(service, log);
  const rest = 1 - declared.reduce((sum, requestClass) => sum + requestClass.share, 0);
  const plain: RequestClass = { share: Math.max(0, rest), uri: "/", method: "GET", headers: {} };
  const classes = [...declared, plain];
  return { requestsPerSecond, classes, cumulative: runningTotals(classes) };
}

function parseRate(service: MeshService, log: Log): number {
  const text = service.annotations[loadAnnotations.requestsPerSecond];
  const holdsOneVersion = versionSuffixes.some((suffix) => service.name.endsWith(suffix));
  if (text === undefined) return holdsOneVersion ? 0 : defaultRequestsPerSecond;
  const rate = parseNumber(text);
  if (rate === undefined || rate < 0) {
    warn(service, log, loadAnnotations.requestsPerSecond);
    return defaultRequestsPerSecond;
  }
  return Math.min(rate, maxRequestsPerSecond);
}

function parseClasses(service: MeshService, log: Log): readonly RequestClass[] {
  const text = service.annotations[loadAnnotations.headerRequests];
  if (text === undefined) return [];
  const classes = decodeRequestClasses(text);
  const total = classes?.reduce((sum, requestClass) => sum + requestClass.share, 0) ?? 0;
  if (classes === undefined || classes.length > maxRequestClasses || total > 1 + 1e-9) {
    warn(service, log, loadAnnotations.headerRequests);
    return [];
  }
  return classes;
}

function warn(service: MeshService, log: Log, annotation: string): void {
  const { namespace, name } = service;
  log.warn({ namespace, service: name, annotation }, "load annotation ignored: not understood");
}

function runningTotals(classes: readonly RequestClass[]): readonly number[] {
  let upTo = 0;
  return classes.map((requestClass) => (upTo += requestClass.share));
}
