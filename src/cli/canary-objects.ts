/** Reads Canaries as commands see them, and says what is nearby when one is not there. */
import type { z } from "zod";
import { ApiError, isNotFound } from "../adapters/kubernetes/api-error.ts";
import { decodeCanary } from "../adapters/kubernetes/cluster/decode.ts";
import { canaryResource } from "../adapters/kubernetes/cluster/informers.ts";
import { listAll } from "../adapters/kubernetes/list-watch-pages.ts";
import { resourcePath } from "../adapters/kubernetes/paths.ts";
import { isRawObject, isRecord, type RawObject } from "../adapters/kubernetes/raw-object.ts";
import type { CanarySpec } from "../api/canary-spec.ts";
import { CanaryStatus } from "../api/canary-status.ts";
import { nearest } from "../core/nearest.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { printableTree } from "./printable.ts";

export interface CanaryView {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  /** Wall time, ms; undefined when the object does not say. */
  readonly createdAt: number | undefined;
  /** Undefined when it does not satisfy this version's schema. */
  readonly spec: CanarySpec | undefined;
  /** What of it this version can read. */
  readonly status: CanaryStatus;
  /** False for a status in which a controller of another version says things that this one does not know. */
  readonly isStatusWhole: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  /** As the server has it. */
  readonly raw: RawObject;
}

export function toView(raw: RawObject): CanaryView {
  const shown = printableTree(raw);
  const { identity, spec } = decodeCanary(shown);
  const { creationTimestamp, annotations } = shown.metadata;
  const createdAt =
    typeof creationTimestamp === "string" ? Date.parse(creationTimestamp) : Number.NaN;
  const entries = Object.entries(annotations ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    namespace: identity.namespace,
    name: identity.name,
    generation: identity.generation,
    createdAt: Number.isNaN(createdAt) ? undefined : createdAt,
    spec: spec.kind === "Known" ? spec.value : undefined,
    ...readStatus(shown.status ?? {}),
    annotations: Object.fromEntries(entries),
    raw,
  };
}

/** Field by field, so that one unknown word does not hide the rest. */
function readStatus(raw: unknown): Pick<CanaryView, "status" | "isStatusWhole"> {
  const whole = CanaryStatus.safeParse(raw);
  if (whole.success) return { status: whole.data, isStatusWhole: true };
  const fields = new Map(Object.entries<z.ZodType>(CanaryStatus.shape));
  const readable = Object.entries(isRecord(raw) ? raw : {}).filter(
    ([name, value]) => fields.get(name)?.safeParse(value).success === true,
  );
  const status = CanaryStatus.safeParse(Object.fromEntries(readable)).data ?? {};
  return { status, isStatusWhole: false };
}

/** Throws CommandError with names like this one when there is none. */
export async function readCanary(cluster: ClusterAccess, name: string): Promise<CanaryView> {
  const { transport, namespace, signal } = cluster;
  try {
    const path = resourcePath(canaryResource, { namespace, name });
    const answer = await transport.request({ method: "GET", path, signal });
    if (isRawObject(answer)) return toView(answer);
    throw new CommandError(exitCodes.noCluster, "the server's answer is no Kubernetes object");
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw notFound(cluster, name, await listCanaries(cluster, namespace));
  }
}

/** Of one namespace, or of all when it is undefined; sorted as people look for them. */
export async function listCanaries(
  { transport, signal }: ClusterAccess,
  namespace: string | undefined,
): Promise<readonly CanaryView[]> {
  try {
    const path = resourcePath(canaryResource, { namespace });
    const { items } = await listAll({ transport, path, query: {}, signal });
    return items
      .map(toView)
      .toSorted((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
  } catch (error) {
    if (!(error instanceof ApiError) || !isNotFound(error)) throw error;
    const fix = "install them: serin crds | kubectl apply -f -";
    throw new CommandError(exitCodes.noCluster, `the cluster does not know Serin's kinds; ${fix}`);
  }
}

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Names more than a few help nobody. */
const MAX_LISTED = 8;

function notFound(
  { namespace }: ClusterAccess,
  name: string,
  others: readonly CanaryView[],
): CommandError {
  const names = others.map((other) => other.name);
  const near = nearest(name, names);
  const listed = names.slice(0, MAX_LISTED).join(", ");
  const more = names.length > MAX_LISTED ? ", …" : "";
  const hint =
    near !== undefined
      ? `did you mean ${near}?`
      : names.length === 0
        ? "there is none in this namespace; choose another by -n, or see all: serin get -A"
        : `there are ${listed}${more}`;
  return new CommandError(
    exitCodes.failed,
    `Canary ${name} is not in namespace ${namespace}; ${hint}`,
  );
}
