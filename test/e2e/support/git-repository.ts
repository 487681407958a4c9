/** What a team keeps in git of one shop: its Deployment and, unless Serin makes them, its routes. Applies nothing. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { shopManifests } from "../../support/shop.ts";
import { imageOf, type Scene } from "./scene.ts";

const Metadata = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const Deployment = z.object({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("Deployment"),
  metadata: Metadata,
  spec: z.looseObject({
    replicas: z.number().optional(),
    template: z.looseObject({
      metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }),
      spec: z.looseObject({ containers: z.array(z.looseObject({ image: z.string() })) }),
    }),
  }),
});
type Deployment = z.infer<typeof Deployment>;

const Route = z.object({
  apiVersion: z.literal("networking.istio.io/v1"),
  kind: z.literal("VirtualService"),
  metadata: Metadata,
  spec: z.looseObject({
    http: z.array(
      z.looseObject({
        name: z.string().optional(),
        timeout: z.string().optional(),
        route: z.array(
          z.looseObject({
            destination: z.looseObject({ subset: z.string().optional() }),
            weight: z.number().optional(),
          }),
        ),
      }),
    ),
  }),
});
type Route = z.infer<typeof Route>;

export const Manifest = z.discriminatedUnion("kind", [Deployment, Route]);
export type Manifest = z.infer<typeof Manifest>;

export interface GitRepository {
  objects(): readonly Manifest[];
  /** Another version, with these annotations of its pods. */
  push(version: string, annotations?: Readonly<Record<string, string>>): void;
  /** Something of the routes that is none of Serin's business. */
  editTimeout(): void;
}

export interface InGit {
  /** Weight of the canary's destination; undefined: no routes. */
  readonly canaryWeight: number | undefined;
  /** Left out: whoever scales decides. */
  readonly replicas: number | undefined;
}

const managedRule = "primary";

/** The shop as it is, but for what is said to be in git. */
export async function gitOf(scene: Scene, inGit: InGit): Promise<GitRepository> {
  let deployment = firstDeployment(scene, inGit.replicas);
  let route =
    inGit.canaryWeight === undefined ? undefined : await routeAt(scene, inGit.canaryWeight);
  return {
    objects: () => [deployment, ...(route === undefined ? [] : [route])],
    push(version, annotations = {}) {
      const { template } = deployment.spec;
      const image = imageOf(scene.shop.name, version);
      const containers = template.spec.containers.map((one) => ({ ...one, image }));
      const metadata = { ...template.metadata, annotations };
      const next = { ...template, metadata, spec: { ...template.spec, containers } };
      deployment = { ...deployment, spec: { ...deployment.spec, template: next } };
    },
    editTimeout() {
      route = route && editManaged(route, (rule) => ({ ...rule, timeout: "9s" }));
    },
  };
}

function firstDeployment({ shop, form }: Scene, replicas: number | undefined): Deployment {
  const all = shopManifests({ name: shop.name, form });
  const { body } = all.find(({ path }) => path.endsWith("/deployments")) ?? {};
  const { replicas: _, ...spec } = Deployment.parse(body).spec;
  return {
    ...Deployment.parse(body),
    spec: { ...spec, ...(replicas !== undefined && { replicas }) },
  };
}

async function routeAt({ shop }: Scene, canaryWeight: number): Promise<Route> {
  const route = Route.parse(await shop.virtualService());
  return editManaged(route, (rule) => ({
    ...rule,
    route: rule.route.map((entry) => ({
      ...entry,
      weight: entry.destination.subset === "canary" ? canaryWeight : 100 - canaryWeight,
    })),
  }));
}

type Rule = Route["spec"]["http"][number];

function editManaged(route: Route, edit: (rule: Rule) => Rule): Route {
  const http = route.spec.http.map((rule) => (rule.name === managedRule ? edit(rule) : rule));
  return { ...route, spec: { ...route.spec, http } };
}

/** What is compared where weights, mirrors and replicas are left to Serin. */
export function withoutIgnored(object: Manifest): Manifest {
  if (object.kind === "Deployment") {
    const { replicas: _, ...spec } = object.spec;
    return { ...object, spec };
  }
  return editManaged(object, (rule) => {
    const { mirror: _mirror, mirrorPercentage: _percentage, ...rest } = rule;
    return { ...rest, route: rule.route.map(({ weight: _weight, ...entry }) => entry) };
  });
}

/** Git's object with the live one's weights and replicas. */
export function withLive(object: Manifest, live: Manifest): Manifest {
  if (object.kind === "Deployment" && live.kind === "Deployment")
    return { ...object, spec: { ...object.spec, replicas: live.spec.replicas } };
  if (object.kind !== "VirtualService" || live.kind !== "VirtualService") return object;
  const liveRule = live.spec.http.find(({ name }) => name === managedRule);
  return editManaged(object, (rule) => ({
    ...rule,
    route: rule.route.map((entry, place) => ({ ...entry, weight: liveRule?.route[place]?.weight })),
  }));
}

/** Every field that is asked for is there as asked; lists are as long. */
export function covers(asked: unknown, live: unknown): boolean {
  if (Array.isArray(asked))
    return (
      Array.isArray(live) &&
      live.length === asked.length &&
      asked.every((item: unknown, place) => covers(item, live[place]))
    );
  const fields = Fields.safeParse(asked);
  if (!fields.success) return isDeepStrictEqual(asked, live);
  const there = Fields.safeParse(live);
  return (
    there.success &&
    Object.entries(fields.data).every(([name, value]) => covers(value, there.data[name]))
  );
}

const Fields = z.record(z.string(), z.unknown());
