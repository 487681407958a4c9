/** Kubernetes' label selectors, as far as reading and matching go. What they select things for is not known here. */
import { z } from "zod";
import { ownValue } from "../../../core/own-value.ts";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement */
export const LabelSelector = z.object({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.string(),
        values: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});
export type LabelSelector = z.infer<typeof LabelSelector>;

type Labels = Readonly<Record<string, string>>;
type Expression = LabelSelector["matchExpressions"][number];

/** A selector without requirements selects everything. */
export function selects({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every((expression) => holds(expression, labels))
  );
}

/** An operator that is not known yet selects nothing: what it would select cannot be said. */
function holds({ key, operator, values }: Expression, labels: Labels): boolean {
  const value = ownValue(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
