/** Reads Serin's own kinds off the wire. What does not satisfy its schema is a value that names the field, never an error. */
import { z } from "zod";
import { AlertProvider, type AlertProviderSpec } from "../../../api/alert-provider.ts";
import { AnalysisTemplate, type AnalysisTemplateSpec } from "../../../api/analysis-template.ts";
import { CanarySpec } from "../../../api/canary-spec.ts";
import { CanaryStatus } from "../../../api/canary-status.ts";
import { canaryFinalizer } from "../../../api/names.ts";
import { type Fact, known, missing } from "../../../core/fact.ts";
import type { CanaryObject } from "../../../ports/cluster.ts";
import type { RawObject } from "../raw-object.ts";
import { readCommands } from "./read-commands.ts";

const metadata = z.object({
  uid: z.string().default(""),
  generation: z.number().default(1),
  resourceVersion: z.string().default(""),
  creationTimestamp: z.string().catch(""),
  annotations: z.record(z.string(), z.unknown()).catch({}),
});

const deletion = z.object({
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).default([]),
});

/** Names of whatever holds an object that is to be deleted. */
export function decodeFinalizers(raw: RawObject): readonly string[] {
  return deletion.parse(raw.metadata).finalizers;
}

/** Whether an object is being deleted. */
export function isEnding(raw: RawObject): boolean {
  return deletion.parse(raw.metadata).deletionTimestamp !== undefined;
}

/** A Canary. A status that cannot be read counts as none: nothing unproven follows from it. */
export function decodeCanary(raw: RawObject): CanaryObject {
  const meta = metadata.parse(raw.metadata);
  const status = CanaryStatus.safeParse(raw.status ?? {});
  return {
    identity: {
      namespace: raw.metadata.namespace ?? "",
      name: raw.metadata.name,
      uid: meta.uid,
      generation: meta.generation,
      resourceVersion: meta.resourceVersion,
    },
    createdAt: meta.creationTimestamp,
    commands: readCommands(meta.annotations),
    deletion: {
      isAsked: isEnding(raw),
      isHeld: decodeFinalizers(raw).includes(canaryFinalizer),
    },
    spec: decodeSpec(CanarySpec, raw.spec, "Invalid"),
    status: status.success ? status.data : {},
  };
}

/** A template of either kind. */
export function decodeTemplate(raw: RawObject): Fact<AnalysisTemplateSpec> {
  const parsed = decodeSpec(AnalysisTemplate, raw, "TemplateInvalid");
  if (parsed.kind !== "Known") return parsed;
  const { ratio, latency, value, provider } = parsed.value.spec;
  if ([ratio, latency, value].filter((measure) => measure !== undefined).length !== 1)
    return missing("TemplateInvalid", "spec: give exactly one of ratio, latency and value");
  if (provider.prometheus === undefined)
    return missing("TemplateInvalid", "spec.provider: name exactly one provider: prometheus");
  return known(parsed.value.spec);
}

/** An alert provider. */
export function decodeAlertProvider(raw: RawObject): Fact<AlertProviderSpec> {
  const parsed = decodeSpec(AlertProvider, raw, "ProviderInvalid");
  return parsed.kind === "Known" ? known(parsed.value.spec) : parsed;
}

function decodeSpec<T>(schema: z.ZodType<T>, value: unknown, reason: string): Fact<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return known(parsed.data);
  const issue = parsed.error.issues[0];
  const path = [
    "spec",
    ...(issue?.path ?? []).filter((part, index) => index > 0 || part !== "spec"),
  ];
  return missing(reason, `${path.map(String).join(".")}: ${issue?.message ?? "is not valid"}`);
}
