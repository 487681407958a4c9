/** Labels that the pods of both versions have, and so may select both. */
import type { Fact } from "../../../core/fact.ts";
import type { Decoded } from "../informer-cache.ts";
import { isRecord } from "../raw-object.ts";
import type { DeploymentView } from "./decode.ts";
import type { SelectorLabel } from "./selector-label.ts";

type Labels = Readonly<Record<string, string>>;

/** Of the workloads that are there: labels that all their templates have with one value, the selector's left out. */
export function sharedLabels(
  { label }: SelectorLabel,
  workloads: readonly Fact<Decoded<DeploymentView>>[],
): Labels {
  const [first = {}, ...others] = workloads.flatMap((workload) =>
    workload.kind === "Known" ? [labelsOf(workload.value.view)] : [],
  );
  return Object.fromEntries(
    Object.entries(first).filter(
      ([name, value]) => name !== label && others.every((labels) => labels[name] === value),
    ),
  );
}

function labelsOf({ spec }: DeploymentView): Labels {
  const { metadata } = spec.template;
  const labels = isRecord(metadata) && isRecord(metadata["labels"]) ? metadata["labels"] : {};
  return Object.fromEntries(
    Object.entries(labels).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
