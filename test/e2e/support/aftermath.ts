/**
 * What must be true after every scenario, whatever it was about: no stage lost or repeated, the routes, the status and
 * the workloads agree, the owner's fields are the owner's, nothing is left behind, clients met what the routes
 * promised, and Events and Slack tell it.
 */
import { expect } from "vitest";
import type { CanaryStatus, Phase } from "../../../src/api/canary-status.ts";
import type { EventReason } from "../../../src/api/conditions.ts";
import { promotedHashAnnotation } from "../../../src/api/names.ts";
import { eventually } from "../../support/real-time.ts";
import { between, expectedExposure } from "./clients.ts";
import { listNamespace } from "./inventory.ts";
import { orphansAmong } from "./orphans.ts";
import { imageOf, type Scene } from "./scene.ts";
import type { Step } from "./weights.ts";

export interface Ending {
  /**
   * Everything that the new version was given, from the day before Serin came: [100, 0, 10, …]; as an expression,
   * with blanks between, where others write too.
   */
  readonly steps: readonly Step[] | RegExp;
  readonly phase: Phase;
  /** Version that serves. */
  readonly serves: string;
  /** Outcome and reason of each release, newest first: "Failed MetricLimitExceeded". */
  readonly releases: readonly string[];
  /** What Slack was told, in order. */
  readonly told: readonly EventReason[];
  /** True where some version answered badly; else no request may have failed. */
  readonly isHarmed?: boolean;
  /** Other shops of the namespace. */
  readonly neighbours?: readonly string[];
  /** From a write of the routes to every client's acting on it, where a fault keeps it from them. */
  readonly lagMs?: number;
}

/** Waits until nothing is under way, then says all that is wrong at once. */
export async function expectAftermath(scene: Scene, ending: Ending): Promise<CanaryStatus> {
  const status = await untilAtRest(scene, ending);
  const clients = between(scene.before, await scene.clients());
  scene.routes.stop();
  const problems = [
    ...routeProblems(scene, ending),
    ...(await restProblems(scene, status, ending)),
    ...orphansAmong(await listNamespace(scene.suite.admin, scene.shop.namespace), scene, ending),
    ...exposureProblems(scene, clients, ending),
    ...(await tellingProblems(scene, ending)),
  ];
  expect(problems, `${scene.shop.namespace}/${scene.shop.name} afterwards`).toEqual([]);
  return status;
}

/** Of what is at rest, whoever called it: status and workloads agree, and the owner's fields are the owner's. */
export async function restProblems(
  { shop, replicas, belongings }: Pick<Scene, "shop" | "replicas" | "belongings">,
  status: CanaryStatus,
  ending: Pick<Ending, "releases" | "phase" | "serves">,
): Promise<readonly string[]> {
  return [
    ...statusProblems(status, ending),
    ...(await workloadProblems({ shop, replicas }, status, ending)),
    ...(await belongings.problems()),
  ];
}

export function isAtRest({ phase, drain, outbox = [] }: CanaryStatus): boolean {
  const isEnd = phase === "Initialized" || phase === "Succeeded" || phase === "Failed";
  return isEnd && drain === undefined && outbox.length === 0;
}

/** From the last thing that the scenario did to the end of the release, on a busy machine. */
const releaseMs = 150_000;
/** From there until nothing is under way any more. */
const restMs = 60_000;

async function untilAtRest({ shop, told }: Scene, ending: Ending): Promise<CanaryStatus> {
  const { phase } = ending;
  const status = await shop.until(
    `at rest, ${phase}`,
    releaseMs,
    (now) => now.phase === phase && isAtRest(now),
  );
  const { namespace, name } = shop;
  await eventually(`${namespace}/${name}: the target's pods are gone`, restMs, async () => {
    const { spec, status: seen } = await shop.deployment("target");
    return spec.replicas === 0 && (seen?.replicas ?? 0) === 0;
  });
  await eventually(`${namespace}/${name}: Slack has heard it all`, restMs, () => {
    return told().length >= ending.told.length;
  }).catch(() => undefined);
  return status;
}

export function routeProblems(
  { routes }: Scene,
  { steps }: Pick<Ending, "steps">,
): readonly string[] {
  const seen = routes.steps().join(" ");
  const expected = steps instanceof RegExp ? steps : steps.join(" ");
  const isSame = expected instanceof RegExp ? expected.test(seen) : expected === seen;
  return [
    ...(isSame ? [] : [`routes went ${seen} instead of ${String(expected)}`]),
    ...routes.broken.map((rule) => `weights that do not sum to 100: ${rule}`),
    ...(routes.missed() === 0 ? [] : [`${routes.missed()} changes of the routes went unseen`]),
  ];
}

function statusProblems(
  status: CanaryStatus,
  { releases, phase }: Pick<Ending, "releases" | "phase">,
): readonly string[] {
  const history = (status.history ?? []).map(({ outcome, reason }) => `${outcome} ${reason}`);
  const promoted = status.conditions?.find(({ type }) => type === "Promoted")?.status;
  const stalled = status.conditions?.find(({ type }) => type === "Stalled");
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ["status.history", history.join(", "), releases.join(", ")],
    ["status.canaryWeight", status.canaryWeight, 0],
    ["status.waiting", status.waiting?.reason, undefined],
    ["condition Promoted", promoted, phase === "Failed" ? "False" : "True"],
    ["condition Stalled", stalled?.status, phase === "Failed" ? "True" : "False"],
  ];
  return facts
    .filter(([, is, should]) => is !== should)
    .map(([what, is, should]) => `${what} is ${String(is)}, not ${String(should)}`);
}

async function workloadProblems(
  { shop, replicas: expected }: Pick<Scene, "shop" | "replicas">,
  status: CanaryStatus,
  { serves }: Pick<Ending, "serves">,
): Promise<readonly string[]> {
  const primary = await shop.deployment("primary");
  const { availableReplicas, replicas } = primary.status ?? {};
  const image = primary.spec.template.spec.containers[0]?.image;
  const hash = primary.metadata.annotations?.[promotedHashAnnotation];
  const canary = await shop.canary();
  const target = await shop.deployment("target");
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ["the primary's image", image, imageOf(shop.name, serves)],
    ["the primary's hash", hash, status.lastPromotedHash],
    ["the primary's pods", `${availableReplicas} of ${replicas}`, `${expected} of ${expected}`],
    ["the canary's weight", await shop.routedWeight(), 0],
    ["observedGeneration", status.observedGeneration, canary.metadata.generation],
    // Serin's own scaling counts too, and is caught up with within half a minute.
    ["observedTargetGeneration", isCurrent(canary.status, target.metadata.generation), true],
  ];
  return facts
    .filter(([, is, should]) => is !== should)
    .map(([what, is, should]) => `${what}: ${String(is)}, not ${String(should)}`);
}

function isCurrent(status: CanaryStatus | undefined, generation: number): boolean {
  return (status?.observedTargetGeneration ?? 0) >= generation;
}

export function exposureProblems(
  { routes, before, shop }: Scene,
  clients: ReturnType<typeof between>,
  { isHarmed = false, lagMs }: Pick<Ending, "isHarmed" | "lagMs">,
): readonly string[] {
  const span = { from: before.at, to: clients.at, lagMs };
  const { least, most } = expectedExposure(routes.seen, span, clients.requests);
  const { requests } = clients.answeredBy(shop.name);
  const unknown = clients.answeredBy("unknown");
  const got = requests + unknown.requests;
  const stable = clients.answeredBy(`${shop.name}-primary`);
  return [
    ...(got <= most && got >= least
      ? []
      : [`the target got ${got} requests; its weights make that ${least} to ${most}`]),
    ...(stable.failed === 0 ? [] : [`stable failed ${stable.failed} requests`]),
    ...(isHarmed || clients.failed === 0
      ? []
      : [`${clients.failed} requests failed: ${JSON.stringify(clients.failures)}`]),
  ];
}

/** Told before the good end, truly, where a machine is so busy that scrapes come late. What stays so shows elsewhere. */
const late: readonly string[] = ["RollbackUnconfirmed", "DrainUnconfirmed"] satisfies EventReason[];

export async function tellingProblems(
  scene: Scene,
  { told }: Pick<Ending, "told">,
): Promise<readonly string[]> {
  const heard = scene.told().filter((reason) => !late.includes(reason));
  const events = await scene.shop.eventReasons();
  const missing = told.filter((reason) => !events.includes(reason));
  return [
    ...(heard.join() === told.join()
      ? []
      : [`Slack heard ${heard.join(", ")} instead of ${told.join(", ")}`]),
    ...missing.map((reason) => `there is no Event ${reason}`),
  ];
}

/** The bound that Serin itself states holds: from the onset of the fault until the routes were seen without it. */
export async function expectRolledBackInTime(scene: Scene, onsetAt: number): Promise<void> {
  const { rollbackBoundSeconds = 0 } = await scene.shop.status();
  const off = scene.routes.seen.find(({ weight, at }) => weight === 0 && at > onsetAt);
  const seconds = ((off?.at ?? Number.POSITIVE_INFINITY) - onsetAt) / 1_000;
  expect(seconds, "seconds from the onset of the fault to weight 0").toBeLessThanOrEqual(
    rollbackBoundSeconds,
  );
}

/** When the new version was first given this weight. */
export function firstAt({ routes }: Scene, weight: number): number {
  const first = routes.seen.find((seen, place) => place > 0 && seen.weight === weight);
  if (first === undefined) throw new Error(`the routes never had ${weight} %`);
  return first.at;
}
