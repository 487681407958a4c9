/** Mistakes that people make around a shop, each with how it is told and how it is mended. */

import type { RefusalReason } from "../../src/api/conditions.ts";
import { kedaKind } from "./keda-kind.ts";
import { shopManifests } from "./shop.ts";
import type { World } from "./world.ts";

export interface Flaw {
  readonly name: string;
  readonly reason: RefusalReason;
  /** What the message names: the thing and the fix. */
  readonly says: RegExp;
  readonly make: (world: World) => Promise<void>;
  readonly mend: (world: World) => Promise<void>;
}

const serin = "/apis/serin.dev/v1alpha1/namespaces/shop";
const istio = "/apis/networking.istio.io/v1/namespaces/shop";
const paths = {
  canary: `${serin}/canaries/orders`,
  errors: `${serin}/analysistemplates/errors`,
  virtualService: `${istio}/virtualservices/orders`,
  destinationRule: `${istio}/destinationrules/orders`,
  deployment: "/apis/apps/v1/namespaces/shop/deployments/orders",
  service: "/api/v1/namespaces/shop/services/orders",
  autoscalers: "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers",
  scaledObjects: "/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects",
} as const;

const merge = (path: string, body: object) => async (world: World) => {
  await world.sandbox.admin.request({ method: "PATCH", path, patch: "merge", body });
};
const remove = (path: string) => async (world: World) => {
  await world.sandbox.admin.request({ method: "DELETE", path });
};
const create = (path: string, body: object) => async (world: World) => {
  await world.sandbox.admin.request({ method: "POST", path, body });
};
/** As their owner applies it again from git. */
const createAnew = (path: string) => async (world: World) => {
  for (const { path: folder, body } of shopManifests()) {
    const { metadata = { name: "" } }: { readonly metadata?: { readonly name: string } } = body;
    if (`${folder}/${metadata.name}` === path)
      await world.sandbox.admin.request({ method: "POST", path: folder, body });
  }
};

const gone = (path: string) => ({ make: remove(path), mend: createAnew(path) });
const spec = (flawed: object, sound: object) => ({
  make: merge(paths.canary, { spec: flawed }),
  mend: merge(paths.canary, { spec: sound }),
});

const subsets = (canaryLabels: object) => ({
  spec: {
    subsets: [
      { name: "stable", labels: { app: "orders-primary" } },
      { name: "canary", labels: canaryLabels },
    ],
  },
});
const istioRouting = (reference: object) => ({
  routing: { istio: { virtualServices: [{ name: "orders", ...reference }] } },
});
const metric = (name: string, template: string) => ({
  name,
  templateRef: { kind: "AnalysisTemplate", name: template },
  limit: { max: name === "error-rate" ? 5 : 500 },
});
const metrics = (template: string) => ({
  analysis: { metrics: [metric("error-rate", template), metric("latency-p99", "p99")] },
});
const total =
  'istio_requests_total{destination_workload_namespace="{{ namespace }}",destination_workload="{{ workload }}"}';

const security = "/apis/security.istio.io/v1/namespaces/shop";
const ordersPolicy = (app: string) => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: app },
  spec: { selector: { matchLabels: { app } }, action: "ALLOW", rules: [{}] },
});

/** In the order of the catalogue of reasons. */
export const flaws: readonly Flaw[] = [
  {
    name: "the target is missing",
    reason: "TargetNotFound",
    says: /Deployment shop\/orders/,
    ...gone(paths.deployment),
  },
  {
    name: "the selector lacks the label",
    reason: "SelectorLabelMissing",
    says: /has none of tier in spec.selector.matchLabels.*selectorLabel: app/s,
    ...spec({ selectorLabel: "tier" }, { selectorLabel: null }),
  },
  {
    name: "an autoscaler acts on the target",
    reason: "AutoscalerNotSupported",
    says: /orders-hpa.*remove it/,
    make: create(paths.autoscalers, {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "orders-hpa" },
      spec: {
        minReplicas: 1,
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "orders" },
      },
    }),
    mend: remove(`${paths.autoscalers}/orders-hpa`),
  },
  {
    name: "a ScaledObject acts on the target",
    reason: "AutoscalerNotSupported",
    says: /orders-keda.*remove it/,
    async make(world) {
      await createKedaKind(world);
      await create(paths.scaledObjects, {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: { name: "orders-keda" },
        spec: { scaleTargetRef: { name: "orders" } },
      })(world);
    },
    mend: remove(`${paths.scaledObjects}/orders-keda`),
  },
  {
    name: "the VirtualService is missing",
    reason: "VirtualServiceNotFound",
    says: /VirtualService shop\/orders does not exist/,
    ...gone(paths.virtualService),
  },
  {
    name: "the rule that is named is not there",
    reason: "RouteNotFound",
    says: /VirtualService shop\/orders has no.*"main"/,
    ...spec(istioRouting({ routes: ["main"] }), istioRouting({})),
  },
  {
    name: "the rule has no destination for the canary",
    reason: "DestinationMissing",
    says: /host: orders.*subset: canary.*weight/s,
    make: merge(paths.virtualService, {
      spec: { http: [{ route: [{ destination: { host: "orders", subset: "stable" } }] }] },
    }),
    async mend(world) {
      await remove(paths.virtualService)(world);
      await createAnew(paths.virtualService)(world);
    },
  },
  {
    name: "the DestinationRule is missing",
    reason: "DestinationRuleNotFound",
    says: /no DestinationRule of namespace shop is for Service orders.*subsets:/s,
    ...gone(paths.destinationRule),
  },
  {
    name: "a subset selects other pods",
    reason: "SubsetMissing",
    says: /subset.*canary.*labels:\n\s+app: orders/s,
    make: merge(paths.destinationRule, subsets({ app: "orders-canary" })),
    mend: merge(paths.destinationRule, subsets({ app: "orders" })),
  },
  {
    name: "the Service is missing",
    reason: "ServiceNotFound",
    says: /Service shop\/orders does not exist; create it/,
    ...gone(paths.service),
  },
  {
    name: "the Service selects one version only",
    reason: "ServiceSelectsOneVersion",
    says: /Service shop\/orders.*app/s,
    make: merge(paths.service, { spec: { selector: { app: "orders" } } }),
    mend: merge(paths.service, { spec: { selector: { app: null } } }),
  },
  {
    name: "another Service would lose its endpoints",
    reason: "PrimaryNotSelected",
    says: /Service shop\/orders-admin selects app: orders.*lose its endpoints.*part: orders/s,
    make: create("/api/v1/namespaces/shop/services", {
      apiVersion: "v1",
      kind: "Service",
      // Nobody calls it: it is not part of any route.
      metadata: {
        name: "orders-admin",
        annotations: { "sandbox.serin.dev/requests-per-second": "0" },
      },
      spec: { selector: { app: "orders", part: "orders" }, ports: [{ port: 81 }] },
    }),
    mend: merge("/api/v1/namespaces/shop/services/orders-admin", {
      spec: { selector: { app: null } },
    }),
  },
  {
    name: "a policy would lose its effect",
    reason: "PrimaryNotSelected",
    says: /AuthorizationPolicy shop\/orders .*app: orders-primary/s,
    make: create(`${security}/authorizationpolicies`, ordersPolicy("orders")),
    mend: create(`${security}/authorizationpolicies`, ordersPolicy("orders-primary")),
  },
  {
    name: "a template is missing",
    reason: "TemplateNotFound",
    says: /there is no AnalysisTemplate errors in namespace shop; apply it/,
    ...gone(paths.errors),
  },
  {
    name: "the spec names a template that is not there",
    reason: "TemplateNotFound",
    says: /there is no AnalysisTemplate mistakes in namespace shop/,
    ...spec(metrics("mistakes"), metrics("errors")),
  },
  {
    name: "a template's PromQL does not parse",
    reason: "TemplateInvalid",
    says: /metric error-rate, template errors.*ratio\.bad, line 1, column \d+/,
    make: merge(paths.errors, {
      spec: { ratio: { total, bad: `${total.slice(0, -1)},code=~5}` } },
    }),
    async mend(world) {
      await remove(paths.errors)(world);
      await createAnew(paths.errors)(world);
    },
  },
  {
    name: "the spec's times add up to too much",
    reason: "RollbackBoundExceeded",
    says: /a fault could take \d+ s to roll back, more than rollback.withinSeconds 120; lower analysis.intervalSeconds/,
    ...spec({ analysis: { intervalSeconds: 60 } }, { analysis: { intervalSeconds: 2 } }),
  },
];

async function createKedaKind(world: World): Promise<void> {
  await create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kedaKind)(world);
}
