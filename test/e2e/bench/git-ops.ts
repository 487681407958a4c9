/**
 * Releases beside tools that apply what is in git every few seconds, on a real API server: how much traffic went where
 * nobody had decided it to go, for how long, and whether releases and rollbacks ended all the same.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { atMost, type Measurement, noBudget } from "../../bench/measurement.ts";
import { eventually } from "../../support/real-time.ts";
import { between, type ClientCounts } from "../support/clients.ts";
import { followDecided, type WeightSince } from "../support/decided.ts";
import { type GitLoop, startGitLoop, type Tool } from "../support/git-loop.ts";
import { type GitRepository, gitOf } from "../support/git-repository.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { openScene, type Scene } from "../support/scene.ts";
import { versions } from "../support/shop.ts";
import type { Suite } from "../support/suite.ts";
import { type Deviation, deviationOf } from "./deviation.ts";

const everyMs = 5_000;
const replicas = 2;
const requestsPerSecond = 100;
const longestReleaseMs = 150_000;
/** How long it is watched after its end, with the tool going on. */
const afterMs = 10_000;

const settings = {
  "weight 0 in git": { form: "subset", canaryWeight: 0, isTold: false, replicas },
  "weight 100 in git": { form: "subset", canaryWeight: 100, isTold: false, replicas },
  "weight 0 in git, ignored": { form: "subset", canaryWeight: 0, isTold: true, replicas },
  "weight 100 in git, ignored": { form: "subset", canaryWeight: 100, isTold: true, replicas },
  "generated route": {
    form: "generate",
    canaryWeight: undefined,
    isTold: false,
    replicas: undefined,
  },
} as const;
type Setting = keyof typeof settings;
const settingNames: readonly Setting[] = [
  "weight 0 in git",
  "weight 100 in git",
  "weight 0 in git, ignored",
  "weight 100 in git, ignored",
  "generated route",
];

interface Case {
  readonly tool: Tool | undefined;
  readonly setting: Setting;
  readonly version: "good" | "errors";
  readonly namespace: string;
}

interface Found extends Case {
  readonly outcome: string;
  readonly deviation: Deviation;
  /** From the push to the end, and `afterMs` more. */
  readonly clients: ClientCounts;
  /** What the idle target got while the tool worked and no release ran. */
  readonly idle: ClientCounts;
  readonly seconds: number;
  /** From the first weight that was decided for a bad version until it had none for good; undefined for others. */
  readonly exposedSeconds: number | undefined;
  readonly boundSeconds: number;
}

const tools = ["Argo CD, client-side", "Argo CD, server-side", "Flux"] as const;

export async function measureGitOps(suite: Suite): Promise<readonly Measurement[]> {
  const found: Found[] = [];
  // One tool after another: too many shops at once, and the machine is what is measured.
  for (const [place, tool] of [undefined, ...tools].entries()) {
    const names = tool === undefined ? settingNames.slice(0, 1) : settingNames;
    const cases = names.flatMap((setting, row) =>
      (["good", "errors"] as const).map((version) => ({
        tool,
        setting,
        version,
        namespace: `git-${place}-${row}-${version}`,
      })),
    );
    found.push(...(await Promise.all(cases.map((one) => live(suite, one)))));
  }
  return found.flatMap(toMeasurements);
}

async function live(suite: Suite, one: Case): Promise<Found> {
  const { form, ...inGit } = settings[one.setting];
  const scene = await openScene(suite, {
    namespace: one.namespace,
    form,
    replicas,
    requestsPerSecond,
    stages: [10, 25, 50, 100].map((weight) => ({ weight, minSeconds: 4 })),
  });
  await scene.shop.until("at rest", 60_000, ({ drain }) => drain === undefined);
  const git = await gitOf(scene, inGit);
  const begun = await scene.clients();
  const loop =
    one.tool && startGitLoop(scene, git, { tool: one.tool, isTold: inGit.isTold, everyMs });
  await sleep(2 * everyMs);
  const decided = await followDecided(scene.shop);
  const pushed = await scene.clients();
  try {
    await push(scene, git, one);
    const outcome = await runToEnd(scene, git, pushed.at);
    await sleep(afterMs);
    const found = await judge(one, scene, { outcome, decided: decided.seen, begun, pushed });
    for (const { name, value, how } of toMeasurements(found))
      process.stderr.write(`${name}: ${value.toFixed(1)}; ${how}\n`);
    return found;
  } finally {
    decided.stop();
    scene.routes.stop();
    await endLoop(scene, loop);
  }
}

async function endLoop({ shop }: Scene, loop: GitLoop | undefined): Promise<void> {
  await loop?.stop();
  // Its pods and requests would be in the way of the next.
  await shop.remove();
}

/** Through git; by hand where there is no tool. */
async function push(scene: Scene, git: GitRepository, { tool, version }: Case): Promise<void> {
  if (tool === undefined) await scene.push("2", versions[version]);
  else git.push("2", versions[version]);
}

/** With an edit of something else in the midst of it. */
async function runToEnd(scene: Scene, git: GitRepository, from: number): Promise<string> {
  const { shop } = scene;
  let isEdited = false;
  let ended = "";
  await eventually(
    `${shop.namespace}: an end`,
    longestReleaseMs,
    async () => {
      const { phase, canaryWeight = 0, waiting } = await shop.status();
      if (!isEdited && canaryWeight >= 25 && phase === "Progressing") {
        git.editTimeout();
        isEdited = true;
      }
      if (phase === "Succeeded" || phase === "Failed") ended = phase;
      if (waiting !== undefined) ended = waiting.reason;
      return ended !== "";
    },
    200,
  ).catch(() => {
    ended = "no end";
  });
  return `${ended} after ${((performance.now() - from) / 1_000).toFixed(0)} s`;
}

interface Seen {
  readonly outcome: string;
  readonly decided: readonly WeightSince[];
  readonly begun: ClientCounts;
  readonly pushed: ClientCounts;
}

async function judge(one: Case, scene: Scene, seen: Seen): Promise<Found> {
  const { decided, begun, pushed, outcome } = seen;
  const status = await scene.shop.status();
  const ended = await scene.clients();
  const span = { from: pushed.at, to: ended.at };
  return {
    ...one,
    outcome,
    deviation: deviationOf(decided, scene.routes.seen, span),
    clients: between(pushed, ended),
    idle: between(begun, pushed),
    seconds: (span.to - span.from) / 1_000,
    exposedSeconds: one.version === "good" ? undefined : exposure(decided, scene, span.from),
    boundSeconds: rollbackBoundMs(status) / 1_000,
  };
}

/** From the routes' first weight by decision until neither these nor the decision gave it anything any more. */
function exposure(decided: readonly WeightSince[], { routes }: Scene, from: number): number {
  const first = decided.find(({ at, weight }) => at > from && weight > 0);
  const last = decided.findLast(({ at }) => at > from);
  if (first === undefined || last === undefined) return 0;
  if (last.weight > 0) return Number.POSITIVE_INFINITY;
  // Either is heard of first.
  const near = (at: number, instant: number) => at >= instant - 1_000;
  const on = routes.seen.find(({ at, weight }) => near(at, first.at) && weight > 0);
  const off = routes.seen.find(({ at, weight }) => near(at, last.at) && weight === 0);
  return (Math.max(last.at, off?.at ?? last.at) - (on?.at ?? first.at)) / 1_000;
}

/** Requests that no pod answered, of either version. */
function unanswered({ failed, answeredBy }: ClientCounts): number {
  return failed - answeredBy("orders").failed - answeredBy("orders-primary").failed;
}

function toMeasurements(found: Found): readonly Measurement[] {
  const { tool = "no tool", setting, version, deviation, clients, idle, outcome } = found;
  const name = `${tool}, ${setting}, ${version === "good" ? "good" : "bad"} version`;
  const { requests, failed } = clients.answeredBy("orders");
  const decided = (clients.requests * deviation.decided) / 100;
  const how =
    `${outcome}; ${deviation.below.toFixed(1)} points × s below; off at most ${deviation.longestSeconds.toFixed(2)} s at a time; ` +
    `it got ${requests} of ${clients.requests} requests in ${found.seconds.toFixed(0)} s, ${decided.toFixed(0)} by decision; ` +
    `${failed} of its answers were bad; ${unanswered(clients)} requests found no pod; of ${idle.requests} before ` +
    `${idle.answeredBy("orders").requests} went to the idle target, ${unanswered(idle)} found no pod`;
  const above: Measurement = {
    name: `${name}: above what was decided`,
    unit: "points × s",
    value: deviation.above,
    budget: noBudget,
    how,
  };
  if (found.exposedSeconds === undefined) return [above];
  const exposed: Measurement = {
    name: `${name}: first weight to none`,
    unit: "s",
    value: found.exposedSeconds,
    budget: atMost(found.boundSeconds),
    how: "by its status and its routes; the bound is its status'",
  };
  return [above, exposed];
}
