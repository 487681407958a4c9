/**
 * Keeps hashes comparable across versions of Serin and of Kubernetes. A template whose hash differs although its
 * Deployment's generation is still the recorded one is the same template, hashed or defaulted in another way: the
 * status is then read with the hash that it has now, and nothing starts.
 */
import type { CanaryStatus, SeenWorkload } from "../../api/canary-status.ts";
import type { Fact } from "../fact.ts";
import type { Snapshot, Workload } from "./snapshot.ts";

type Rename = (hash: string) => string;

/** The snapshot with its status in the hashes of today; the same one when they are those of the record. */
export function rebaseline(snapshot: Snapshot): Snapshot {
  const { target, primary, status } = snapshot;
  const names = new Map([
    ...renaming(primary, status.workloads?.primary),
    // Last, since it is what releases start from: a primary that was copied in another way must not start one.
    ...renaming(target, status.workloads?.target),
  ]);
  const isSame = [...names].every(([before, now]) => before === now);
  if (isSame) return snapshot;
  return { ...snapshot, status: renamed(status, (hash) => names.get(hash) ?? hash) };
}

/** The recorded hash and the present one of an object whose spec nobody has written since. */
function renaming(
  workload: Fact<Workload>,
  seen: SeenWorkload | undefined,
): readonly (readonly [string, string])[] {
  if (workload.kind !== "Known" || seen === undefined) return [];
  const { uid, generation, templateHash } = workload.value;
  return uid === seen.uid && generation === seen.generation
    ? [[seen.templateHash, templateHash]]
    : [];
}

function renamed(status: CanaryStatus, rename: Rename): CanaryStatus {
  const { lastPromotedHash, lastFailedHash, release } = status;
  return {
    ...status,
    ...(lastPromotedHash !== undefined && { lastPromotedHash: rename(lastPromotedHash) }),
    ...(lastFailedHash !== undefined && { lastFailedHash: rename(lastFailedHash) }),
    ...(release !== undefined && { release: renamedRelease(release, rename) }),
  };
}

/** The saved template keeps the name under which it was saved once the primary has another. */
function renamedRelease(
  release: NonNullable<CanaryStatus["release"]>,
  rename: Rename,
): NonNullable<CanaryStatus["release"]> {
  const { promotion } = release;
  const isSaved = promotion !== undefined && promotion.step !== "Copy";
  return {
    ...release,
    templateHash: rename(release.templateHash),
    ...(promotion !== undefined && {
      promotion: {
        ...promotion,
        savedHash: isSaved ? promotion.savedHash : rename(promotion.savedHash),
      },
    }),
  };
}
