/** Checks manifests without a cluster: each object of Serin's by its schema, then Canaries with what the files have beside them. */
import { isRawObject } from "../../adapters/kubernetes/raw-object.ts";
import { fieldName, type JsonObject, objectAt, stringAt } from "../../sandbox/api-server/json.ts";
import { checkCanary } from "./check-canary.ts";
import { checkConflicts } from "./check-conflicts.ts";
import { checkSchema, isOurs, type KnownKind, kindOf, serinKinds } from "./check-schema.ts";
import { checkTemplate } from "./check-template.ts";
import { readDocuments, type SourceObject } from "./documents.ts";
import { type FileWorldDeps, openFileWorld } from "./file-world.ts";
import type { Complaint, Finding, LintResult, Source } from "./finding.ts";

/** A text to check. */
export interface GivenFile {
  readonly name: string;
  readonly text: string;
}

export interface LintOptions {
  readonly deps: FileWorldDeps;
  /** For objects that name none, as kubectl's -n. */
  readonly namespace: string;
}

interface Entry {
  readonly object: JsonObject;
  readonly source: Source;
  /** Undefined for kinds that are not Serin's. */
  readonly kind: KnownKind | undefined;
}

/** Kinds that a Canary's acceptance depends on. */
const contextKinds: ReadonlySet<string> = new Set([
  "Deployment",
  "Service",
  "VirtualService",
  "DestinationRule",
  "HorizontalPodAutoscaler",
  "ScaledObject",
  "NetworkPolicy",
  "AuthorizationPolicy",
  "PeerAuthentication",
  "PodDisruptionBudget",
  "PodMonitor",
  "ServiceMonitor",
]);

export async function lint(files: readonly GivenFile[], options: LintOptions): Promise<LintResult> {
  const kinds = await serinKinds();
  const read = files.map(({ name, text }) => readDocuments(name, text));
  const heap: Heap = { ours: [], context: [], findings: [], skipped: 0 };
  for (const { objects } of read) for (const one of objects) sortOut(one, heap, { kinds, options });
  const { ours, context, skipped } = heap;
  const findings = [
    ...read.flatMap((one) => one.findings),
    ...heap.findings,
    ...(await check(ours, context, options.deps)),
  ];
  return {
    findings: sorted(findings, files),
    checked: ours.length,
    read: context.length,
    skipped,
  };
}

/** What was found in the files so far. */
interface Heap {
  readonly ours: Entry[];
  readonly context: Entry[];
  readonly findings: Finding[];
  skipped: number;
}

interface Sorting {
  readonly kinds: readonly KnownKind[];
  readonly options: LintOptions;
}

function sortOut({ object, source }: SourceObject, heap: Heap, { kinds, options }: Sorting): void {
  if (!isOurs(object, kinds)) {
    const isContext = contextKinds.has(stringAt(object, "kind") ?? "");
    if (isContext)
      heap.context.push({
        object: inNamespace(object, undefined, options),
        source,
        kind: undefined,
      });
    else heap.skipped += 1;
    return;
  }
  const kind = kindOf(object, kinds);
  if ("version" in kind)
    heap.ours.push({ object: inNamespace(object, kind, options), source, kind });
  else
    heap.findings.push(toFinding(source, { ...kind, severity: "Error", object: nameOf(object) }));
}

async function check(
  ours: readonly Entry[],
  context: readonly Entry[],
  deps: FileWorldDeps,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const say = ({ object, source }: Entry, said: readonly Omit<Complaint, "object">[]): void => {
    for (const one of said) findings.push(toFinding(source, { ...one, object: nameOf(object) }));
  };
  const valid: Entry[] = [];
  for (const entry of ours) {
    const said = entry.kind === undefined ? [] : checkSchema(entry.object, entry.kind);
    say(entry, said);
    if (said.every(({ reason }) => reason === "UnknownField")) valid.push(entry);
  }
  const canaries = valid.filter(({ kind }) => kind?.kind === "Canary");
  const conflicts = checkConflicts(canaries.map(({ object }) => object));
  const entries = [...valid, ...context];
  const world = await openFileWorld(
    entries.map(({ object }) => object),
    deps,
    (object, because) => {
      const entry = entries.find((one) => one.object === object);
      const message = `${because}; what depends on it is not checked`;
      if (entry !== undefined)
        say(entry, [
          { severity: "Warning", path: ["metadata", "name"], reason: "NotRead", message },
        ]);
    },
  );
  try {
    for (const entry of valid) {
      const conflict = conflicts.get(entry.object);
      const said = checkTogether(entry, world.ports).filter(
        ({ reason }) => conflict?.reason !== reason,
      );
      say(entry, [...(conflict === undefined ? [] : [conflict]), ...said]);
    }
  } finally {
    await world.close();
  }
  return findings;
}

function checkTogether({ object, kind }: Entry, ports: Parameters<typeof checkCanary>[1]) {
  if (!isRawObject(object)) return [];
  if (kind?.kind.endsWith("AnalysisTemplate") === true) return checkTemplate(object, ports.source);
  if (kind?.kind !== "Canary") return [];
  const { namespace = "", name } = object.metadata;
  return checkCanary({ namespace, name }, ports);
}

function inNamespace(
  object: JsonObject,
  kind: KnownKind | undefined,
  { namespace }: LintOptions,
): JsonObject {
  const metadata = objectAt(object, "metadata");
  if (kind?.namespaced === false || stringAt(metadata, "namespace") !== undefined) return object;
  return object["metadata"] === undefined
    ? object
    : { ...object, metadata: { namespace, ...metadata } };
}

/** `Canary shop/orders`, as people name it. */
function nameOf(object: JsonObject): string {
  const kind = stringAt(object, "kind") ?? "object";
  const name = stringAt(object, "metadata", "name");
  return name === undefined ? kind : `${kind} ${name}`;
}

function toFinding(source: Source, complaint: Complaint): Finding {
  const { severity, object, path, reason, message } = complaint;
  const field = path.length === 0 ? "" : fieldName(path);
  return {
    severity,
    file: source.file,
    ...source.locate(path),
    object,
    path: field,
    reason,
    message,
  };
}

/** In the order in which the files were given, then from top to bottom. */
function sorted(findings: readonly Finding[], files: readonly GivenFile[]): readonly Finding[] {
  const order = new Map(files.map(({ name }, index) => [name, index]));
  const rank = ({ file }: Finding): number => order.get(file) ?? 0;
  return findings.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
