/** What a Lease object says, and what we write into it. Decides nothing; knows no clock. */
import { LEASE_DURATION_SECONDS, MAX_LEASE_DURATION_MS } from "./limits.ts";
import { isRawObject, isRecord, type RawObject } from "./raw-object.ts";

export interface LeaseRecord {
  /** Empty when the lease was given back. */
  readonly holder: string;
  readonly durationMs: number;
  /** Changes with every renewal, whatever the holder's clock says. */
  readonly fingerprint: string;
  readonly raw: RawObject;
}

export interface LeaseClaim {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  /** Wall time, milliseconds since the Unix epoch: for people only. */
  readonly nowMs: number;
}

/** Undefined when the answer is no object. A lease without a readable spec is free. */
export function leaseRecordOf(answer: unknown): LeaseRecord | undefined {
  if (!isRawObject(answer)) return undefined;
  const spec = specOf(answer);
  const { holderIdentity, leaseDurationSeconds: seconds } = spec;
  const isDuration = typeof seconds === "number" && seconds > 0;
  const durationMs = (isDuration ? seconds : LEASE_DURATION_SECONDS) * 1_000;
  const holder = typeof holderIdentity === "string" ? holderIdentity : "";
  const { acquireTime, renewTime, leaseTransitions } = spec;
  return {
    holder,
    durationMs: Math.min(durationMs, MAX_LEASE_DURATION_MS),
    fingerprint: JSON.stringify([holder, seconds, acquireTime, renewTime, leaseTransitions]),
    raw: answer,
  };
}

/** The lease as we want to hold it: new, taken over, or renewed. */
export function claimedLease(record: LeaseRecord | undefined, claim: LeaseClaim): unknown {
  const now = microTime(claim.nowMs);
  const before = record === undefined ? {} : specOf(record.raw);
  const isRenewal = record?.holder === claim.identity;
  const transitions = typeof before.leaseTransitions === "number" ? before.leaseTransitions : 0;
  return {
    ...(record?.raw ?? emptyLease(claim)),
    spec: {
      ...before,
      holderIdentity: claim.identity,
      leaseDurationSeconds: LEASE_DURATION_SECONDS,
      acquireTime: isRenewal ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: record === undefined || isRenewal ? transitions : transitions + 1,
    },
  };
}

/** Given back: nobody need wait for the holder any more. A duration of 0 is not valid. */
export function releasedLease(record: LeaseRecord, nowMs: number): unknown {
  const now = microTime(nowMs);
  const times = { acquireTime: now, renewTime: now };
  const spec = { ...specOf(record.raw), ...times, holderIdentity: "", leaseDurationSeconds: 1 };
  return { ...record.raw, spec };
}

/** Kubernetes' MicroTime wants six digits after the point. */
export const microTime = (atMs: number): string =>
  new Date(atMs).toISOString().replace("Z", "000Z");

const specOf = ({ spec }: RawObject): Readonly<Record<string, unknown>> =>
  isRecord(spec) ? spec : {};

const emptyLease = ({ namespace, name }: LeaseClaim) => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { namespace, name },
});
