/** Everything that is in a namespace of the real API server, of whatever kind, so that nothing orphaned is overlooked. */
import type { Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { type ApiObject, parseGroups, parseList, parseResources } from "./api-object.ts";

interface ListedKind {
  readonly kind: string;
  readonly plural: string;
  /** `/api/v1` or `/apis/<group>/<version>`. */
  readonly prefix: string;
}

export interface Listed {
  readonly kind: string;
  readonly object: ApiObject;
}

/** Records and heartbeats that come and go by themselves. */
const passing: ReadonlySet<string> = new Set(["Event", "Lease", "PodMetrics"]);

const discovering = new WeakMap<Transport, Promise<readonly ListedKind[]>>();

/** Of every listable kind but those that pass. */
export async function listNamespace(api: Transport, namespace: string): Promise<readonly Listed[]> {
  const discovery = discovering.get(api) ?? discover(api);
  discovering.set(api, discovery);
  const kinds = await discovery;
  const lists = kinds.map(async ({ kind, plural, prefix }) => {
    const path = `${prefix}/namespaces/${namespace}/${plural}`;
    const items = parseList(await api.request({ method: "GET", path }));
    return items.map((object) => ({ kind, object }));
  });
  return (await Promise.all(lists)).flat();
}

async function discover(api: Transport): Promise<readonly ListedKind[]> {
  const get = (path: string) => api.request({ method: "GET", path });
  const groups = parseGroups(await get("/apis")).map((version) => `/apis/${version}`);
  const prefixes = ["/api/v1", ...groups];
  const kinds = prefixes.map(async (prefix) =>
    parseResources(await get(prefix))
      .filter(({ namespaced, verbs }) => namespaced && verbs.includes("list"))
      .filter(({ kind }) => !passing.has(kind))
      .map(({ kind, name }) => ({ kind, plural: name, prefix })),
  );
  return (await Promise.all(kinds)).flat();
}
