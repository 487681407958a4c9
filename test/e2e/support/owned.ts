/** What is in a shop's namespace after a release: whether its owner's fields are as they were, and what nobody owns. */
import { z } from "zod";
import { type Shop, shopName } from "./shop.ts";

const Item = z.object({
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    ownerReferences: z.array(z.object({ uid: z.string() })).optional(),
  }),
  spec: z.unknown().optional(),
});
type Item = z.infer<typeof Item>;

/** Everything that Serin or its owner may have put there; Events, and what Kubernetes puts into each namespace, are not. */
const kinds = {
  deployments: "/apis/apps/v1",
  replicasets: "/apis/apps/v1",
  controllerrevisions: "/apis/apps/v1",
  pods: "/api/v1",
  services: "/api/v1",
  secrets: "/api/v1",
  endpointslices: "/apis/discovery.k8s.io/v1",
  virtualservices: "/apis/networking.istio.io/v1",
  destinationrules: "/apis/networking.istio.io/v1",
  analysistemplates: "/apis/serin.dev/v1alpha1",
  alertproviders: "/apis/serin.dev/v1alpha1",
  canaries: "/apis/serin.dev/v1alpha1",
} as const;
type Kind = keyof typeof kinds;

/** What the owner wrote, and the primary, which serves on when its Canary goes. */
const expected: Partial<Record<Kind, readonly string[]>> = {
  deployments: [shopName, `${shopName}-primary`],
  services: [shopName],
  virtualservices: [shopName],
  destinationrules: [shopName],
  analysistemplates: ["errors", "p99"],
  alertproviders: ["slack"],
  canaries: [shopName],
};

/** Fields that people wrote and nobody else may change, to be compared before and after. */
export async function ownersFields(shop: Shop): Promise<unknown> {
  const fields = async (kind: Kind) => {
    const [item] = (await list(shop, kind)).filter(({ metadata }) => metadata.name === shopName);
    const { labels, annotations = {} } = item?.metadata ?? {};
    const own = Object.entries(annotations).filter(([name]) => !name.startsWith("deployment.kube"));
    return { labels, annotations: Object.fromEntries(own), spec: withoutMoving(item?.spec) };
  };
  const owned = ["deployments", "services", "virtualservices", "destinationrules"] as const;
  return Promise.all(
    [...owned, "canaries" as const].map(async (kind) => [kind, await fields(kind)]),
  );
}

/** Without what a release and a push are there to change. */
function withoutMoving(spec: unknown): unknown {
  const moving = new Set(["weight", "replicas", "image"]);
  const isTemplate = (value: unknown) => z.object({ containers: z.unknown() }).safeParse(value);
  return JSON.parse(
    JSON.stringify(spec, (name: string, value: unknown) => {
      if (moving.has(name)) return undefined;
      // The pushes of tests say in annotations of the template how a version behaves.
      if (name === "annotations" && !isTemplate(value).success) return undefined;
      return value;
    }) ?? "null",
  );
}

/** Objects, as `kind/name`, that are neither the owner's nor belong to one that is there. */
export async function orphans(shop: Shop): Promise<readonly string[]> {
  const names = Object.keys(kinds).filter((kind): kind is Kind => kind in kinds);
  const all = await Promise.all(
    names.map(async (kind) => (await list(shop, kind)).map((item) => ({ kind, item }))),
  );
  const living = new Set(all.flat().map(({ item }) => item.metadata.uid));
  const isOwned = ({ metadata }: Item) =>
    metadata.ownerReferences?.some(({ uid }) => living.has(uid)) ?? false;
  return all
    .flat()
    .filter(({ kind, item }) => !isOwned(item) && !expected[kind]?.includes(item.metadata.name))
    .map(({ kind, item }) => `${kind}/${item.metadata.name}`);
}

async function list(shop: Shop, kind: Kind): Promise<readonly Item[]> {
  const path = `${kinds[kind]}/namespaces/${shop.namespace}/${kind}`;
  const answer = await shop.api.request({ method: "GET", path });
  return z.object({ items: z.array(Item) }).parse(answer).items;
}
