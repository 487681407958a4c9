/** What an API server can do to a write, and which writes there are: the axes of the tests of its faults. */
import type { Interception, SeenRequest } from "./controller-process.ts";
import { decodeStatusPatch } from "./decode.ts";

export interface ApiFault {
  /** How long one of them keeps the process from trying again, at most. */
  readonly lastsMs: number;
  interception(): Interception;
}

const refusal =
  (code: number, reason: string, causes: readonly string[] = [], retryAfterSeconds?: number) =>
  (): Interception => ({
    kind: "Answer",
    response: Response.json(
      {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        reason,
        code,
        message: `made up: ${reason}`,
        ...(causes.length > 0 && {
          details: { causes: causes.map((cause) => ({ reason: cause, message: "made up" })) },
        }),
      },
      {
        status: code,
        ...(retryAfterSeconds !== undefined && {
          headers: { "retry-after": String(retryAfterSeconds) },
        }),
      },
    ),
  });

/** By name. An answered write is tried again within a second, or when the server says; a lost one is waited for. */
export const apiFaults = {
  "409": { lastsMs: 1_000, interception: refusal(409, "Conflict") },
  "422 for a patch's test": {
    lastsMs: 1_000,
    interception: refusal(422, "Invalid", ["UnexpectedServerResponse"]),
  },
  "422 for a value": {
    lastsMs: 1_000,
    interception: refusal(422, "Invalid", ["FieldValueInvalid"]),
  },
  "429 with Retry-After": {
    lastsMs: 3_000,
    interception: refusal(429, "TooManyRequests", [], 3),
  },
  "500": { lastsMs: 1_000, interception: refusal(500, "InternalError") },
  "503": { lastsMs: 1_000, interception: refusal(503, "ServiceUnavailable") },
  silence: { lastsMs: 6_000, interception: () => ({ kind: "Hang" }) },
  "a closed connection": { lastsMs: 1_000, interception: () => ({ kind: "CloseBefore" }) },
  "a closed connection after the write": {
    lastsMs: 1_000,
    interception: () => ({ kind: "CloseAfter" }),
  },
} as const satisfies Readonly<Record<string, ApiFault>>;

export type FaultName = keyof typeof apiFaults;

/** Kinds of writes, by what their path has in it. */
export const writeKinds = {
  statuses: "/status",
  routes: "/virtualservices/",
  Deployments: "/deployments",
  Events: "/events",
  ControllerRevisions: "/controllerrevisions",
  leases: "/leases",
} as const;

export type WriteKind = keyof typeof writeKinds;

export const isWriteOf = ({ write, path }: SeenRequest, kind: WriteKind): boolean =>
  write > 0 && path.includes(writeKinds[kind]);

/**
 * Harms the first `count` writes of each of these kinds in each phase that the Canary goes through: of statuses those
 * that lead to it or stay in it, of routes those that raise and those that lower each for themselves.
 */
export function faultEachPhase(
  kinds: readonly WriteKind[],
  fault: ApiFault,
  count: number,
): (request: SeenRequest) => Interception {
  const harmed = new Map<string, number>();
  let phase = "New";
  return (request) => {
    const next = isWriteOf(request, "statuses") ? decodeStatusPatch(request.body).phase : undefined;
    const kind = kinds.find((one) => isWriteOf(request, one));
    const moment = `${kind} ${next ?? phase} ${isRaise(request) ? "up" : "down"}`;
    const before = harmed.get(moment) ?? 0;
    if (kind !== undefined && before < count) {
      harmed.set(moment, before + 1);
      return fault.interception();
    }
    phase = next ?? phase;
    return { kind: "Pass" };
  };
}

/** Only what raises the canary's weight tests the version of the routing object. */
export function isRaise(request: SeenRequest): boolean {
  return isWriteOf(request, "routes") && request.body.includes('"/metadata/resourceVersion"');
}
