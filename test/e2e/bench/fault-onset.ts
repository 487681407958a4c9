/** From a fault in running pods to the route without them, on real servers: several services, each time and again. */
import { setTimeout as sleep } from "node:timers/promises";
import { atMost, type Measurement, median, noBudget, spreadOf } from "../../bench/measurement.ts";
import { decodePods } from "../../support/decode.ts";
import { eventually } from "../../support/real-time.ts";
import { createShop, type Shop } from "../support/shop.ts";
import type { Suite } from "../support/suite.ts";
import { followWeights } from "../support/weights.ts";

const shops = 5;
const rounds = 4;
const intervalSeconds = 5;
/** As long as a version was sound before. */
const soundMs = 20_000;
const errorPercent = 20;

interface Rollback {
  readonly onsetToZeroMs: number;
  readonly decidedToZeroMs: number;
}

export async function measureFaultOnset({ admin }: Suite): Promise<readonly Measurement[]> {
  const names = Array.from({ length: shops }, (_, index) => `onset-${index}`);
  const runs = (await Promise.all(names.map((name) => runShop(admin, name)))).flat();
  const onsets = runs.map(({ onsetToZeroMs }) => onsetToZeroMs / 1_000);
  const patches = runs.map(({ decidedToZeroMs }) => decidedToZeroMs);
  return [
    {
      name: "fault onset to weight 0, median",
      unit: "s",
      value: median(onsets),
      budget: atMost(20),
      spread: spreadOf(onsets),
      how: `${errorPercent} % errors at 10 % of 50 rps, scrape 1 s, interval ${intervalSeconds} s, ${shops} services at once`,
    },
    {
      name: "rollback decided to weight 0 seen by a watch, median",
      unit: "ms",
      value: median(patches),
      budget: noBudget,
      spread: spreadOf(patches),
      how: "the same rollbacks; by two clocks of one machine",
    },
  ];
}

async function runShop(admin: Suite["admin"], namespace: string): Promise<readonly Rollback[]> {
  const metric = { name: "error-rate", templateRef: { kind: "AnalysisTemplate", name: "errors" } };
  const shop = await createShop(admin, {
    namespace,
    replicas: 2,
    requestsPerSecond: 50,
    spec: {
      stages: [{ weight: 10, minSeconds: 86_400, maxSeconds: 86_400 }, { weight: 100 }],
      analysis: { intervalSeconds, warmupSeconds: 0, metrics: [{ ...metric, limit: { max: 5 } }] },
    },
  });
  await shop.until("initialised", 90_000, ({ phase }) => phase === "Initialized");
  const rollbacks: Rollback[] = [];
  for (let round = 0; round < rounds; round += 1)
    rollbacks.push(await breakRelease(shop, String(round + 2)));
  return rollbacks;
}

async function breakRelease(shop: Shop, version: string): Promise<Rollback> {
  await shop.push(version);
  await shop.until(
    `${version} gets traffic`,
    120_000,
    ({ phase, release }) =>
      phase === "Progressing" && release?.stage?.trafficConfirmedAt !== undefined,
  );
  // Onsets anywhere between two checks.
  await sleep(soundMs + Math.random() * intervalSeconds * 1_000);
  const history = await followWeights(shop);
  const onsetAt = performance.now();
  await breakPods(shop, version);
  const zero = () => history.seen.find(({ weight, at }) => weight === 0 && at > onsetAt);
  await eventually("weight 0", 120_000, () => zero() !== undefined);
  const { release } = await shop.until("failed", 30_000, ({ phase }) => phase === "Failed");
  history.stop();
  const zeroAt = zero()?.at ?? Number.NaN;
  const decidedAt = Date.parse(release?.rollback?.decidedAt ?? "") - performance.timeOrigin;
  return { onsetToZeroMs: zeroAt - onsetAt, decidedToZeroMs: zeroAt - decidedAt };
}

/** As `kubectl annotate pods` does; the mesh answers by it from then on. */
async function breakPods({ api, namespace }: Shop, version: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const pods = decodePods(await api.request({ method: "GET", path }));
  const annotations = { "sandbox.serin.dev/error-percent": String(errorPercent) };
  const body = { metadata: { annotations } };
  const running = pods.filter(({ spec }) => spec.containers[0]?.image.endsWith(`:${version}`));
  await Promise.all(
    running.map(({ metadata }) =>
      api.request({ method: "PATCH", path: `${path}/${metadata.name}`, patch: "merge", body }),
    ),
  );
}
