/**
 * A shop whose whole life is watched, from before Serin takes it over: its routes, its clients, what its owner wrote
 * and what Slack was told. What comes of it is checked by aftermath.ts.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandAction } from "../../../src/api/commands.ts";
import { commandAnnotation } from "../../../src/api/names.ts";
import { decodePayload } from "../../support/decode.ts";
import { eventually } from "../../support/real-time.ts";
import {
  type BelongingKind,
  type Belongings,
  belongingKinds,
  rememberBelongings,
} from "./belongings.ts";
import { type ClientCounts, countClients } from "./clients.ts";
import { kubectl } from "./kubectl.ts";
import { type CommandResult, startCommand } from "./serin-command.ts";
import { createShop, type E2eShopOptions, type Shop, shopName, viewShop } from "./shop.ts";
import type { Suite } from "./suite.ts";
import { followWeights, type WeightHistory } from "./weights.ts";

export type Stage = number | object;

export interface SceneOptions
  extends Pick<E2eShopOptions, "namespace" | "name" | "form" | "requestsPerSecond"> {
  /** Weights, or stages whole; a weight's shortest stay is 2 s. */
  readonly stages?: readonly Stage[];
  /** Merged over the Canary's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** True: the metrics also compare the versions, as by default, which takes many requests; else limits alone judge. */
  readonly isCompared?: boolean;
  /** Merged over the analysis in it. */
  readonly analysis?: Readonly<Record<string, unknown>>;
  /** Pods of each version. */
  readonly replicas?: number;
}

export interface Scene {
  readonly suite: Suite;
  readonly shop: Shop;
  readonly form: "subset" | "host" | "generate";
  readonly replicas: number;
  readonly belongings: Belongings;
  readonly routes: WeightHistory;
  /** What clients had counted when Serin came. */
  readonly before: ClientCounts;
  clients(): Promise<ClientCounts>;
  /** The owner rolls out another version; its behaviours are its own alone. */
  push(version: string, annotations?: Readonly<Record<string, string>>): Promise<void>;
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** `kubectl annotate canary` with a command of this action. */
  command(action: CommandAction): Promise<void>;
  /** `serin <verb> <shop> -n <namespace> …`, to its end. */
  serin(verb: string, ...args: readonly string[]): Promise<CommandResult>;
  /** Resolves once callers were seen to give the new version this much; with the monotonic time of that. */
  untilTraffic(weight: number, withinMs?: number): Promise<number>;
  /** A person sets the weights of the managed rule. */
  routeByHand(weight: number): Promise<void>;
  untilRouted(weight: number): Promise<void>;
  /** Resolves when clients have sent so many requests from now on. */
  untilCalled(requests: number): Promise<void>;
  /** What Slack was told of this Canary, in order. */
  told(): readonly string[];
}

const startMs = 90_000;

/** Opens it with the first version, and waits until Serin has taken it over. */
export async function openScene(suite: Suite, options: SceneOptions): Promise<Scene> {
  const scene = await beginScene(suite, options);
  await scene.shop.until("initialised", startMs, ({ phase }) => phase === "Initialized");
  return scene;
}

/** The same, without waiting for Serin. */
export async function beginScene(suite: Suite, options: SceneOptions): Promise<Scene> {
  const { namespace, name = shopName, form = "subset", requestsPerSecond = 80 } = options;
  const { replicas = 2 } = options;
  const { admin, environment, slack } = suite;
  const shop = viewShop(admin, namespace, name);
  const clients = () => countClients(environment.meshAddress, `${name}.${namespace}`);
  let before: ClientCounts | undefined;
  let belongings: Belongings | undefined;
  let routes: WeightHistory | undefined;
  await createShop(admin, {
    namespace,
    name,
    form,
    requestsPerSecond,
    replicas,
    slack: slack.address(`/${namespace}`),
    ...ownedRoutes(name, form),
    spec: briskSpec(options),
    async beforeCanary() {
      belongings = await rememberBelongings(admin, shop, kindsOf(form));
      routes = await followWeights(shop);
      // In host form nobody answers before Serin has made the Services that the routes name.
      before = form === "host" ? await clients() : await untilServed(clients);
    },
  });
  if (before === undefined || belongings === undefined || routes === undefined)
    throw new Error(`${namespace}: there is no Canary`);
  return viewScene({ suite, shop, form, replicas, before, belongings, routes, clients });
}

type Seen = Pick<
  Scene,
  "suite" | "shop" | "form" | "replicas" | "before" | "belongings" | "routes" | "clients"
>;

function viewScene(seen: Seen): Scene {
  const { suite, shop, belongings, routes } = seen;
  const { environment, slack } = suite;
  const { namespace, name } = shop;
  const behaviours = new Set<string>();
  const runKubectl: Scene["kubectl"] = (args, stdin) =>
    kubectl(environment.controlPlane.adminKubeconfig, ["-n", namespace, ...args], stdin);
  return {
    ...seen,
    kubectl: runKubectl,
    async command(action) {
      const request = { id: randomUUID(), action, by: "anna", reason: "seen to" };
      const annotation = `${commandAnnotation}=${JSON.stringify(request)}`;
      await runKubectl(["annotate", "--overwrite", "canary", name, annotation]);
    },
    push(version, annotations = {}) {
      for (const behaviour of Object.keys(annotations)) behaviours.add(behaviour);
      const cleared = Object.fromEntries(Array.from(behaviours, (key) => [key, null]));
      const containers = [{ name: "app", image: imageOf(name, version) }];
      const metadata = { annotations: { ...cleared, ...annotations } };
      const template = { metadata, spec: { containers } };
      return belongings.edit("deployments", () => shop.patch("deployment", { spec: { template } }));
    },
    serin: (verb, ...args) =>
      startCommand(environment, [verb, name, `--namespace=${namespace}`, ...args]).result(),
    async untilTraffic(weight, withinMs = 60_000) {
      await shop.until(
        `traffic of ${weight} %`,
        withinMs,
        ({ phase, canaryWeight, release }) =>
          phase === "Progressing" &&
          canaryWeight === weight &&
          release?.stage?.trafficConfirmedAt !== undefined,
      );
      return routes.seen.at(-1)?.at ?? 0;
    },
    async routeByHand(weight) {
      const rule = (await shop.virtualService()).spec.http.length - 1;
      const shares = [100 - weight, weight].map((share, place) => ({
        op: "replace",
        path: `/spec/http/${rule}/route/${place}/weight`,
        value: share,
      }));
      const patch = JSON.stringify(shares);
      await runKubectl(["patch", "virtualservice", name, "--type=json", "-p", patch]);
    },
    async untilRouted(weight) {
      const isRouted = async () => (await shop.routedWeight()) === weight;
      await eventually(`${namespace}: routes at ${weight} %`, 30_000, isRouted);
    },
    async untilCalled(requests) {
      const from = (await seen.clients()).requests;
      const isCalled = async () => (await seen.clients()).requests >= from + requests;
      await eventually(`${namespace}: ${requests} more requests`, 60_000, isCalled);
    },
    told() {
      const told = slack
        .messages(`/${namespace}`)
        .map((body) => decodePayload(JSON.parse(body)).metadata.event_payload)
        .filter(({ canary }) => canary === name);
      // After a lost answer a message may come twice, with the same id.
      const first = new Map(told.toReversed().map(({ id = "", reason = "" }) => [id, reason]));
      return Array.from(first.values()).toReversed();
    },
  };
}

export const imageOf = (name: string, version: string): string => `example.com/${name}:${version}`;

function kindsOf(form: Scene["form"]): readonly BelongingKind[] {
  if (form === "generate") return ["deployments", "services"];
  return belongingKinds.filter((kind) => form === "subset" || kind !== "destinationrules");
}

/** Routes with everything of their owner's that Serin must leave alone. */
function ownedRoutes(name: string, form: Scene["form"]): Partial<E2eShopOptions> {
  if (form !== "subset") return {};
  const headers = { "x-internal": { exact: "true" } };
  const route = [
    { destination: { host: name, subset: "stable" }, weight: 70 },
    { destination: { host: name, subset: "canary" }, weight: 30 },
  ];
  return {
    routeName: "primary",
    otherRules: [{ name: "internal", match: [{ headers }], timeout: "3s", route }],
    routeMetadata: {
      labels: { "app.kubernetes.io/part-of": "shop" },
      annotations: { "example.com/owner": "team shop" },
    },
  };
}

/** Short times; all else is what everybody gets. */
function briskSpec({ name = shopName, form = "subset", ...options }: SceneOptions) {
  const { stages = [10, 25, 50, 100], analysis, spec, isCompared = false } = options;
  const compare = isCompared ? {} : { compare: null };
  const virtualServices = [{ name, routes: ["primary"] }];
  return {
    ...(form === "subset" && { routing: { istio: { virtualServices, propagationSeconds: 1 } } }),
    stages: stages.map((stage) =>
      typeof stage === "number" ? { weight: stage, minSeconds: 2 } : stage,
    ),
    analysis: {
      intervalSeconds: 1,
      warmupSeconds: 2,
      metrics: [
        { ...metric("error-rate", "errors", 5), ...compare },
        { ...metric("latency-p99", "p99", 500), ...compare },
      ],
      ...analysis,
    },
    rollback: { canaryScaleDownDelaySeconds: 2 },
    ...spec,
  };
}

/** By its limit alone: what a comparison needs takes minutes at the rate of these clients. */
function metric(name: string, template: string, max: number) {
  return {
    name,
    templateRef: { kind: "AnalysisTemplate", name: template },
    limit: { max, consecutive: 2, minSamples: 20 },
    compare: null,
  };
}

/** The first version answers, as it did before anybody spoke of Serin. */
async function untilServed(clients: () => Promise<ClientCounts>): Promise<ClientCounts> {
  let last = await clients();
  await eventually("the first version serves", startMs, async () => {
    const earlier = last;
    await sleep(500);
    last = await clients();
    return last.failed === earlier.failed && last.requests > earlier.requests;
  });
  return last;
}
