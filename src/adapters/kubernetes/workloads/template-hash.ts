/** Names a pod template by its content: the same template has the same hash on any object that holds it, at any time. */
import { createHash } from "node:crypto";
import { oncePer } from "../../once-per.ts";
import { isRecord } from "../raw-object.ts";
import { TEMPLATE_HASH_DIGITS } from "./limits.ts";

/** spec.template as the server sent it. */
export type Template = Readonly<Record<string, unknown>>;

/** The label by which a Deployment tells its ReplicaSets apart. */
const hashLabel = "pod-template-hash";

/** The template must not be changed after. */
export const hashTemplate = oncePer((template: Template): string =>
  createHash("sha256")
    .update(canonicalJson(templateOfReplicaSet(template)))
    .digest("hex")
    .slice(0, TEMPLATE_HASH_DIGITS),
);

/**
 * The template as its Deployment has it. Servers differ in whether they write an empty creationTimestamp, and
 * an upgrade of one is no new revision.
 */
export function templateOfReplicaSet(template: Template): Template {
  if (!isRecord(template.metadata)) return template;
  const { creationTimestamp: _, labels, ...metadata } = template.metadata;
  if (!isRecord(labels)) return { ...template, metadata };
  const { [hashLabel]: __, ...own } = labels;
  return { ...template, metadata: { ...metadata, labels: own } };
}

/** JSON with the members of every object in one order, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
