/**
 * What the owner of a shop wrote, and whether it is still as they wrote it: everything but the weights (and in its
 * stage the mirror) of the managed rule and the target's replicas.
 */
import { isRecord } from "../../../src/adapters/kubernetes/raw-object.ts";
import type { Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { fieldManager } from "../../../src/api/names.ts";
import { type ApiObject, parseObject } from "./api-object.ts";

export const belongingKinds = [
  "deployments",
  "services",
  "destinationrules",
  "virtualservices",
] as const;
export type BelongingKind = (typeof belongingKinds)[number];

const groups: Readonly<Record<BelongingKind, string>> = {
  deployments: "/apis/apps/v1",
  services: "/api/v1",
  destinationrules: "/apis/networking.istio.io/v1",
  virtualservices: "/apis/networking.istio.io/v1",
};

/** The only fields that Serin may own of what it has not made; a list without keys is owned whole. */
const permitted: Readonly<Record<BelongingKind, readonly string[]>> = {
  deployments: ["f:spec.f:replicas"],
  services: [],
  destinationrules: [],
  virtualservices: ["f:spec.f:http"],
};

export interface Belongings {
  /** What differs from what the owner wrote last; empty when all is well. */
  problems(): Promise<readonly string[]>;
  /** An owner's own write: what is there after it is theirs. What was changed before it is kept as a problem. */
  edit(kind: BelongingKind, work: () => Promise<unknown>): Promise<void>;
}

/** Of those kinds that are there now. */
export async function rememberBelongings(
  api: Transport,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  kinds: readonly BelongingKind[],
): Promise<Belongings> {
  const pathOf = (kind: BelongingKind) => `${groups[kind]}/namespaces/${namespace}/${kind}/${name}`;
  const read = async (kind: BelongingKind) =>
    parseObject(await api.request({ method: "GET", path: pathOf(kind) }));
  const theirs = new Map<BelongingKind, string>();
  for (const kind of kinds) theirs.set(kind, essence(kind, await read(kind)));
  const problemsOf = async (kind: BelongingKind): Promise<readonly string[]> => {
    const object = await read(kind);
    const now = essence(kind, object);
    const before = theirs.get(kind);
    return [
      ...(now === before ? [] : [`${kind} ${name} was\n${before}\nand is\n${now}`]),
      ...trespasses(kind, object),
    ];
  };
  const earlier: string[] = [];
  return {
    async problems() {
      return [...earlier, ...(await Promise.all(kinds.map(problemsOf))).flat()];
    },
    async edit(kind, work) {
      earlier.push(...(await problemsOf(kind)));
      await work();
      theirs.set(kind, essence(kind, await read(kind)));
    },
  };
}

const revision = "deployment.kubernetes.io/revision";

/** The object as text, without what the server and Serin may write. */
function essence(kind: BelongingKind, { metadata, spec }: ApiObject): string {
  const { name, uid, labels, annotations = {}, finalizers, ownerReferences } = metadata;
  const { [revision]: _, ...foreign } = annotations;
  const theirs = { name, uid, labels, annotations: foreign, finalizers, ownerReferences };
  return JSON.stringify({ metadata: theirs, spec: withoutOurs(kind, spec) }, undefined, 1);
}

function withoutOurs(kind: BelongingKind, spec: unknown): unknown {
  if (!isRecord(spec)) return spec;
  if (kind === "deployments") return { ...spec, replicas: "ours" };
  const { http } = spec;
  if (kind !== "virtualservices" || !Array.isArray(http)) return spec;
  // The managed rule is the last one of every shop.
  return { ...spec, http: [...http.slice(0, -1), withoutWeights(http.at(-1))] };
}

function withoutWeights(rule: unknown): unknown {
  if (!isRecord(rule) || !Array.isArray(rule["route"])) return rule;
  const route = rule["route"].map((one: unknown) =>
    isRecord(one) ? { ...one, weight: "ours" } : one,
  );
  return { ...rule, route };
}

/** Fields that the server itself says Serin wrote, beyond those it may. */
function trespasses(kind: BelongingKind, { metadata }: ApiObject): readonly string[] {
  const ours = metadata.managedFields.filter(({ manager }) => manager === fieldManager);
  const paths = ours.flatMap(({ fieldsV1 }) => leaves(fieldsV1));
  const others = paths.filter((path) => !permitted[kind].includes(path));
  return others.map((path) => `${kind} ${metadata.name}: ${fieldManager} wrote ${path}`);
}

function leaves(fields: Readonly<Record<string, unknown>>, above = ""): readonly string[] {
  return Object.entries(fields).flatMap(([name, below]) => {
    const path = above === "" ? name : `${above}.${name}`;
    if (name === ".") return [];
    return isRecord(below) && Object.keys(below).length > 0 ? leaves(below, path) : [path];
  });
}
