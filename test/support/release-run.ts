/**
 * One release of a shop from the creation of its Canary to its end, under whatever happens to the controllers on the
 * way, and what of it can be seen afterwards: what must be the same however often a controller died.
 */
import { expect } from "vitest";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { isRaise } from "./api-faults.ts";
import type {
  ControllerOptions,
  ControllerProcess,
  Interception,
  SeenRequest,
} from "./controller-process.ts";
import { decodeNames } from "./decode.ts";
import { createShop, type ShopOptions, shopNamespace } from "./shop.ts";
import { type ShopView, viewShop } from "./shop-view.ts";
import { followWeights, type WeightHistory } from "./weight-history.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

export type Version = "good" | "bad";

const annotations = { good: {}, bad: { "sandbox.serin.dev/error-percent": "50" } } as const;

export interface RunOptions {
  readonly version: Version;
  readonly shop?: ShopOptions;
  readonly world?: WorldOptions;
  /** How the first controller fares; another one is started when it dies. */
  readonly first?: ControllerOptions;
  /** Called once the Canary is initialised, before the new version is pushed. */
  readonly beforePush?: (world: World) => Promise<void>;
  /** Called again and again from the push on, with the first controller and the weight that the routes have. */
  readonly during?: (world: World, first: ControllerProcess, weight: number) => Promise<void>;
  readonly withinMs?: number;
  /** After the world is there, before the shop is. */
  readonly prepare?: (world: World) => Promise<void>;
  /** Whether it is over; by default once the release has ended. Nothing is left to do and everybody told in any case. */
  readonly isOver?: (status: CanaryStatus) => boolean;
}

export interface Run {
  readonly world: World;
  readonly shop: ShopView;
  readonly status: CanaryStatus;
  /** Weights of the canary that the routes had from the push on, one after the other. */
  readonly weights: readonly number[];
  readonly weightsSeen: ReturnType<WeightHistory["seen"]>;
  readonly processes: readonly ControllerProcess[];
  /** Failed requests of clients, from before the Canary was created. */
  readonly failedRequests: number;
  /** The same by what clients saw: response code and flags. */
  readonly failures: Readonly<Record<string, number>>;
  readonly tookMs: number;
  /** From the first request that the new version answered until the routes gave it none for the last time. */
  readonly exposedMs: number;
}

/** Few and short: what happens between two of them is the same for all. */
const stages = [10, 50, 100].map((weight) => ({ weight, minSeconds: 2 }));

/** Runs a release to its end, and leaves the world open for a closer look. */
export async function runRelease(options: RunOptions): Promise<Run> {
  const world = await createWorld(options.world);
  const shop = viewShop(world);
  await options.prepare?.(world);
  await createShop(world, { replicas: 2, spec: { stages }, ...options.shop });
  await world.advance(3_000);
  const clients = world.sandbox.mesh.countClients("orders.shop");
  const first = await world.startController({ identity: "first", ...options.first });
  const processes = [first];
  const withinMs = options.withinMs ?? 150_000;
  const until = (what: string, holds: (status: CanaryStatus) => boolean | Promise<boolean>) =>
    world.until(
      what,
      async () => {
        if (processes.every((process) => process.isDead()))
          processes.push(await world.startController({ identity: `next-${processes.length}` }));
        return holds(await shop.status());
      },
      withinMs,
    );
  await until("initialised", (status) => status.phase === "Initialized" && isAtRest(status));
  await options.beforePush?.(world);
  const weights = followWeights(world);
  await world.settle();
  await shop.push("2", annotations[options.version]);
  const serving = world.sandbox.mesh.countClients("orders.shop");
  const isOver = options.isOver ?? (({ phase }) => phase === "Succeeded" || phase === "Failed");
  const tookMs = await until("ended", async (status) => {
    const isEnd = isOver(status) && isAtRest(status);
    await options.during?.(world, first, weights.seen().at(-1)?.weight ?? 0);
    return isEnd;
  });
  const onset = serving.stats().byWorkload["orders"]?.firstRequestAt ?? world.clock.now();
  const offAt = weights.seen().at(-1)?.at ?? 0;
  return {
    world,
    shop,
    status: await shop.status(),
    weights: weights.stop(),
    weightsSeen: weights.seen(),
    processes,
    failedRequests: clients.stats().failed,
    failures: clients.stats().failures,
    tookMs,
    exposedMs: offAt - world.clock.monotonic() + world.clock.now() - onset,
  };
}

/** Drained, scaled down, and everybody told. */
function isAtRest({ drain, outbox = [] }: CanaryStatus): boolean {
  return drain === undefined && outbox.length === 0;
}

/** What is left of a release that does not depend on when things happened. */
export async function outcomeOf({ world, shop, status, weights }: Run) {
  const { admin } = world.sandbox;
  const names = async (prefix: string, plural: string) => {
    const path = `${prefix}/namespaces/${shopNamespace}/${plural}`;
    return decodeNames(await admin.request({ method: "GET", path })).toSorted();
  };
  const primary = (await shop.deployment("primary")).spec;
  return {
    phase: status.phase,
    weights,
    canaryWeight: status.canaryWeight,
    routedWeight: await shop.routedWeight(),
    failure: status.release?.rollback?.reason,
    isPromoted: status.lastPromotedHash === status.release?.templateHash,
    isFailed: status.lastFailedHash === status.release?.templateHash,
    history: status.history?.map(({ outcome, reason, peakWeight, images }) => ({
      outcome,
      reason,
      peakWeight,
      images,
    })),
    conditions: status.conditions?.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`),
    primaryImage: primary.template.spec.containers[0]?.image,
    primaryReplicas: primary.replicas,
    targetReplicas: (await shop.deployment("target")).spec.replicas,
    deployments: await names("/apis/apps/v1", "deployments"),
    savedTemplates: await names("/apis/apps/v1", "controllerrevisions"),
    services: await names("/api/v1", "services"),
    events: (await shop.eventReasons()).toSorted(),
  };
}

/** Writes that are no part of a release: the lease is renewed by time alone. */
export const isLeaseRequest = ({ path }: Pick<SeenRequest, "path">): boolean =>
  path.includes("/leases");

/** No process gives the canary more traffic before it has read its metrics itself. */
export function expectRaisesOnEvidence(processes: readonly ControllerProcess[]): void {
  const blind = processes.flatMap(({ writes }) =>
    writes.filter((write) => isRaise(write) && write.metricReads === 0),
  );
  expect(blind).toEqual([]);
}

/** `PATCH canaries/orders/status`: a request in the name of a test. */
function nameOfWrite({ method, path }: SeenRequest): string {
  return `${method} ${path.replace(/\?.*$/, "").replace(/^.*\/namespaces\/[^/]+\//, "")}`;
}

/** Kills a process at its n-th write, from 0, that is no part of leading. */
export function killAt({ index, kind }: Death): (request: SeenRequest) => Interception {
  let count = 0;
  return (request) => {
    if (request.write === 0 || isLeaseRequest(request)) return { kind: "Pass" };
    count += 1;
    return { kind: count - 1 === index ? kind : "Pass" };
  };
}

/** One way for a controller to die: before it sends a write, or once the server has carried it out. */
export interface Death {
  readonly kind: "KillBefore" | "KillAfter";
  readonly index: number;
  readonly name: string;
}

/**
 * Every death at a write of a run. Dying before a write is left out where it is the same as dying after the one before:
 * when both are of one pass after another, with no time in between and nothing else on its way.
 */
export function deathsOf(run: Run): readonly Death[] {
  const writes = worksOf(run);
  const named = writes.map((write, index) => ({ index, name: nameOfWrite(write) }));
  const isSame = ({ index }: { readonly index: number }): boolean => {
    const [before, write] = [writes[index - 1], writes[index]];
    if (before === undefined || write === undefined || before.at !== write.at) return false;
    return !isTold(before) && !isTold(write) && !write.body.includes('"rolling back: ');
  };
  return [
    ...named
      .filter((write) => !isSame(write))
      .map((write) => ({ kind: "KillBefore", ...write }) as const),
    ...named.map((write) => ({ kind: "KillAfter", ...write }) as const),
  ];
}

/** Events are told beside the passes. */
const isTold = ({ path }: SeenRequest): boolean => path.includes("/events");

/** Writes of the first process that are no part of leading. */
export function worksOf({ processes }: Run): readonly SeenRequest[] {
  return (processes[0]?.writes ?? []).filter((write) => !isLeaseRequest(write));
}
