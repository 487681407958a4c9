/** Which label of a target's selector tells the versions apart: the one asked for, or the first usual one. */
import { stringify } from "yaml";
import { primarySuffix } from "../../../api/names.ts";
import { type Known, known, type Missing, missing } from "../../../core/fact.ts";
import { ownValue } from "../../../core/own-value.ts";
import type { DeploymentView } from "./decode.ts";
import { MAX_LABEL_VALUE_CHARS } from "./limits.ts";

/** The label and its value on the target's pods. */
export interface SelectorLabel {
  readonly label: string;
  readonly value: string;
}

const usualLabels = ["app", "name", "app.kubernetes.io/name"] as const;

export function findSelectorLabel(
  target: DeploymentView,
  asked: string | undefined,
): Known<SelectorLabel> | Missing {
  const { matchLabels } = target.spec.selector;
  const candidates = asked === undefined ? usualLabels : [asked];
  const label = candidates.find((name) => ownValue(matchLabels, name) !== undefined);
  const value = label === undefined ? undefined : ownValue(matchLabels, label);
  if (label === undefined || value === undefined) {
    return missing("SelectorLabelMissing", whyNone(target, candidates));
  }
  if (value.length + primarySuffix.length > MAX_LABEL_VALUE_CHARS) {
    return missing(
      "SelectorLabelMissing",
      `${label}: ${value} is too long: the primary's pods get ${primarySuffix} after it, which may have ${MAX_LABEL_VALUE_CHARS} characters in all; name another label of the selector in spec.selectorLabel`,
    );
  }
  return known({ label, value });
}

/** The same, told by the primary: so that traffic can still be moved when the target is gone. */
export function findPrimarySelectorLabel(
  primary: DeploymentView,
  asked: string | undefined,
): SelectorLabel | undefined {
  const candidates = asked === undefined ? usualLabels : [asked];
  for (const label of candidates) {
    const value = ownValue(primary.spec.selector.matchLabels, label);
    if (value?.endsWith(primarySuffix) === true) {
      return { label, value: value.slice(0, -primarySuffix.length) };
    }
  }
  return undefined;
}

function whyNone({ metadata, spec }: DeploymentView, candidates: readonly string[]): string {
  const object = `Deployment ${metadata.namespace}/${metadata.name}`;
  const [other] = Object.keys(spec.selector.matchLabels);
  const sentence = `${object} has none of ${candidates.join(", ")} in spec.selector.matchLabels`;
  return other === undefined
    ? `${sentence}; a selector cannot be changed, so create the Deployment anew with:\n${lines({
        selector: { matchLabels: { app: metadata.name } },
      })}`
    : `${sentence}; name one that it has in the Canary's spec:\n${lines({ selectorLabel: other })}`;
}

const lines = (value: unknown): string => stringify(value, { lineWidth: 0 }).trimEnd();
