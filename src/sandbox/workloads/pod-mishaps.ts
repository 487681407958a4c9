/** What befalls a running pod from outside, as its status would show it. How its containers fare is decided elsewhere. */
import type { PodView } from "./decode.ts";
import { isJsonObject, type JsonObject, timestamp } from "./json.ts";

const mishaps = ["unready", "node-silent", "evicted"] as const;
type Mishap = (typeof mishaps)[number];

export function parseMishap(text: string | undefined): Mishap | undefined {
  return mishaps.find((mishap) => mishap === text);
}

/** The status of a pod that would be well otherwise. */
export function withMishap(
  status: JsonObject,
  { mishap, before, now }: { mishap: Mishap | undefined; before: PodView; now: number },
): JsonObject {
  if (mishap === undefined) return status;
  const since = before.ready ? now : before.readinessChangedAt;
  const lastTransitionTime = timestamp(since);
  // Of a silent node only the node controller speaks, and of readiness alone.
  const lost = mishap === "node-silent" ? ["Ready"] : ["Ready", "ContainersReady"];
  const conditions = (Array.isArray(status["conditions"]) ? status["conditions"] : []).map(
    (condition: unknown) =>
      isJsonObject(condition) && lost.includes(String(condition["type"]))
        ? { type: condition["type"], status: "False", lastTransitionTime }
        : condition,
  );
  const end = { phase: "Failed", reason: "Evicted", message: "The node was low on resource" };
  return { ...status, conditions, ...(mishap === "evicted" && end) };
}
