/** A shop whose Canary is initialised and whose controller runs: where most stories of the world begin. */
import type { Phase } from "../../src/api/canary-status.ts";
import type { ControllerOptions, ControllerProcess } from "./controller-process.ts";
import { createShop, type ShopOptions, shopManifests } from "./shop.ts";
import { type ShopView, viewShop } from "./shop-view.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

export interface RunningShop {
  readonly world: World;
  readonly shop: ShopView;
  readonly process: ControllerProcess;
}

export interface RunningShopOptions extends WorldOptions, ShopOptions {
  readonly controller?: ControllerOptions;
  /** After the world is there, before the shop is. */
  readonly prepare?: (world: World) => Promise<void>;
  /** When the shop's pods run, and no controller does. */
  readonly beforeController?: (world: World) => Promise<void>;
}

/** Returns once the primary serves and the initialisation's drain is over. */
export async function openShop(options: RunningShopOptions = {}): Promise<RunningShop> {
  const world = await createWorld(options);
  await options.prepare?.(world);
  await createShop(world, options);
  await world.advance(5_000);
  await options.beforeController?.(world);
  const process = await world.startController(options.controller);
  const shop = viewShop(world, options.name);
  await untilIdle(world, shop);
  return { world, shop, process };
}

/** Until the Canary is initialised and nothing is left to do. */
export async function untilIdle(world: World, shop: ShopView, withinMs = 150_000): Promise<void> {
  await world.until(
    "initialised",
    async () => {
      const { phase, drain } = await shop.status();
      return phase === "Initialized" && drain === undefined;
    },
    withinMs,
  );
}

export function untilPhase(
  { world, shop }: Pick<RunningShop, "world" | "shop">,
  phase: Phase,
  withinMs: number,
): Promise<number> {
  return world.until(phase, async () => (await shop.status()).phase === phase, withinMs);
}

/** Until the routes carry this weight for the canary. */
export function untilRouted(
  { world, shop }: Pick<RunningShop, "world" | "shop">,
  weight: number,
  withinMs: number,
): Promise<number> {
  return world.until(
    `${weight} % routed`,
    async () => (await shop.routedWeight()) === weight,
    withinMs,
  );
}

/** Until the release is failed and live requests to it were seen to have stopped. */
export function untilRolledBack(
  { world, shop }: Pick<RunningShop, "world" | "shop">,
  withinMs: number,
): Promise<number> {
  return world.until(
    "rolled back and confirmed",
    async () => {
      const { phase, release } = await shop.status();
      return phase === "Failed" && release?.rollback?.confirmedAt !== undefined;
    },
    withinMs,
  );
}

/** Another shop beside the first, in the same namespace, with templates of its own. */
export async function addShop(
  world: World,
  options: ShopOptions & { readonly name: string },
): Promise<ShopView> {
  const manifests = shopManifests({ ...options, templatePrefix: `${options.name}-` });
  for (const { path, body } of manifests)
    await world.sandbox.admin.request({ method: "POST", path, body });
  return viewShop(world, options.name);
}
