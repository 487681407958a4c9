/** How a simulated version answers, read from its pod's annotations; a value that makes no sense counts as absent. */
import type { Labels } from "./objects.ts";
import type { Harm } from "./shared-harm.ts";

const behaviourAnnotations = {
  /** Share of requests answered with HTTP 500, percent. */
  errorPercent: "sandbox.serin.dev/error-percent",
  /** Share of gRPC requests answered with status 13 (INTERNAL), percent. */
  grpcErrorPercent: "sandbox.serin.dev/grpc-error-percent",
  /** 99 % of the answers take at most this long, milliseconds; default 50. */
  latencyP99Ms: "sandbox.serin.dev/latency-p99-ms",
  /** "true": the callers' outlier detection has ejected the pod; it is ready, and they send it nothing. */
  ejected: "sandbox.serin.dev/ejected",
  /** While the pod gets requests, this share of the requests to every pod of the Service fails, percent. */
  harmPercent: "sandbox.serin.dev/harm-percent",
  /** How long that outlasts its last request, seconds; default 0. */
  harmSeconds: "sandbox.serin.dev/harm-seconds",
} as const;

export interface PodBehaviour {
  /** 0–1 */
  readonly errorShare: number;
  /** 0–1 */
  readonly grpcErrorShare: number;
  readonly p99Ms: number;
  readonly isEjected: boolean;
  /** What it does to what all pods of the Service share. */
  readonly harm: Harm | undefined;
}

const defaultP99Ms = 50;
const slowestP99Ms = 3_600_000;

export function parsePodBehaviour(annotations: Labels): PodBehaviour {
  return {
    errorShare: parsePercent(annotations[behaviourAnnotations.errorPercent]),
    grpcErrorShare: parsePercent(annotations[behaviourAnnotations.grpcErrorPercent]),
    p99Ms: parseP99(annotations[behaviourAnnotations.latencyP99Ms]),
    isEjected: annotations[behaviourAnnotations.ejected] === "true",
    harm: parseHarm(annotations),
  };
}

function parseHarm(annotations: Labels): Harm | undefined {
  const share = parsePercent(annotations[behaviourAnnotations.harmPercent]);
  const seconds = parseNumber(annotations[behaviourAnnotations.harmSeconds]) ?? 0;
  return share > 0 ? { share, lingerMs: Math.max(0, seconds) * 1_000 } : undefined;
}

function parsePercent(text: string | undefined): number {
  const percent = parseNumber(text);
  return percent === undefined ? 0 : Math.min(100, Math.max(0, percent)) / 100;
}

function parseP99(text: string | undefined): number {
  const milliseconds = parseNumber(text);
  if (milliseconds === undefined || milliseconds <= 0) return defaultP99Ms;
  return Math.min(milliseconds, slowestP99Ms);
}

/** A finite number, or undefined; surrounding blanks are forgiven. */
export function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
