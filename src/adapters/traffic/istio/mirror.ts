/**
 * Copies of the live requests of one rule: whose they are, and the operations that set or remove Serin's own. What is
 * Serin's is told by the rule alone: sent to where Serin would send them, at a whole percentage, in no other notation.
 */
import { isDeepStrictEqual } from "node:util";
import {
  type JsonPatchOperation,
  type JsonPath,
  jsonPointer,
  removedAt,
} from "../../kubernetes/json-patch.ts";
import { isRecord } from "../../kubernetes/raw-object.ts";
import type { Destination, HttpRule } from "./decode.ts";

export type MirrorFound =
  | { readonly kind: "None" }
  /** Percent, 1 to 100. */
  | { readonly kind: "Ours"; readonly percentage: number }
  | { readonly kind: "Foreign" };

/** A rule in its place, with where Serin sends copies and what is there now. */
interface MirroredRoute {
  readonly index: number;
  readonly rule: HttpRule;
  readonly mirrorTo: Destination;
  readonly mirror: MirrorFound;
}

/** Without a percentage every request is copied, which Serin never asks for. */
export function findMirror(rule: HttpRule, mirrorTo: Destination): MirrorFound {
  const others = [rule.mirrorPercent, rule.mirror_percent];
  const isElsewhere = rule.mirrors.length > 0 || others.some((value) => value !== undefined);
  if (rule.mirror === undefined && !isElsewhere) return { kind: "None" };
  const percentage = percentageOf(rule.mirrorPercentage);
  return !isElsewhere && percentage !== undefined && isDeepStrictEqual(rule.mirror, mirrorTo)
    ? { kind: "Ours", percentage }
    : { kind: "Foreign" };
}

function percentageOf(value: unknown): number | undefined {
  const percentage = isRecord(value) ? value["value"] : undefined;
  if (typeof percentage !== "number" || !Number.isInteger(percentage)) return undefined;
  return percentage >= 1 && percentage <= 100 ? percentage : undefined;
}

/** Refused where somebody mirrors, or has changed Serin's mirror, since the rule was read. */
export function settingMirror(
  { index, rule, mirrorTo, mirror }: MirroredRoute,
  percentage: number,
): readonly JsonPatchOperation[] {
  const at = (field: string): string => jsonPointer([...pathOfRule(index), field]);
  return [
    // To the API server a test for null holds where there is nothing.
    { op: "test", path: at("mirror"), value: mirror.kind === "None" ? null : rule.mirror },
    { op: "test", path: at("mirrors"), value: null },
    { op: "add", path: at("mirror"), value: mirrorTo },
    { op: "add", path: at("mirrorPercentage"), value: { value: percentage } },
  ];
}

/** Nothing where there is no mirror of Serin's. */
export function removingMirror({
  index,
  rule,
  mirror,
}: MirroredRoute): readonly JsonPatchOperation[] {
  if (mirror.kind !== "Ours") return [];
  const at = (field: string): string => jsonPointer([...pathOfRule(index), field]);
  return [
    { op: "test", path: at("mirror"), value: rule.mirror },
    { op: "test", path: at("mirrorPercentage"), value: rule.mirrorPercentage },
    { op: "remove", path: at("mirror") },
    { op: "remove", path: at("mirrorPercentage") },
  ];
}

/** The whole object without Serin's mirror in that rule. */
export function withoutMirror(object: unknown, { index, mirror }: MirroredRoute): unknown {
  if (mirror.kind !== "Ours") return object;
  return ["mirror", "mirrorPercentage"].reduce(
    (rest, field) => removedAt(rest, [...pathOfRule(index), field]),
    object,
  );
}

const pathOfRule = (index: number): JsonPath => ["spec", "http", index];
