/** Which objects of a shop's namespace nobody should have left there, and which are missing. */
import { canaryLabel } from "../../../src/api/names.ts";
import type { Listed } from "./inventory.ts";
import type { Scene } from "./scene.ts";

interface Company {
  /** Other shops of the namespace. */
  readonly neighbours?: readonly string[];
}

/** Of a namespace whose shops are at rest and under Serin's care. */
export function orphansAmong(
  all: readonly Listed[],
  { shop, form }: Pick<Scene, "shop" | "form">,
  { neighbours = [] }: Company,
): readonly string[] {
  const names = [shop.name, ...neighbours];
  const shared = [
    "ServiceAccount/default",
    "AnalysisTemplate/errors",
    "AnalysisTemplate/p99",
    "AlertProvider/slack",
  ];
  return differences(all, names, [...shared, ...names.flatMap((name) => objectsOf(name, form))]);
}

/** What differs from exactly these objects, what they own, and the revisions kept for these Canaries. */
export function differences(
  all: readonly Listed[],
  canaries: readonly string[],
  expected: readonly string[],
): readonly string[] {
  const there = new Set(all.map(nameOf));
  const isOwned = ({ object }: Listed) =>
    object.metadata.ownerReferences.some(({ kind, name }) => there.has(`${kind}/${name}`));
  const isRevision = ({ kind, object }: Listed) =>
    kind === "ControllerRevision" && canaries.includes(object.metadata.labels?.[canaryLabel] ?? "");
  const orphans = all.filter(
    (listed) => !(expected.includes(nameOf(listed)) || isOwned(listed) || isRevision(listed)),
  );
  return [
    ...orphans.map((listed) => `${nameOf(listed)} is left over`),
    ...expected.filter((name) => !there.has(name)).map((name) => `${name} is not there`),
  ];
}

const nameOf = ({ kind, object }: Listed): string => `${kind}/${object.metadata.name}`;

function objectsOf(name: string, form: Scene["form"]): readonly string[] {
  return [
    `Canary/${name}`,
    `Deployment/${name}`,
    `Deployment/${name}-primary`,
    `Service/${name}`,
    `VirtualService/${name}`,
    ...(form === "host" ? [`Service/${name}-primary`, `Service/${name}-canary`] : []),
    ...(form === "host" ? [] : [`DestinationRule/${name}`]),
  ];
}
