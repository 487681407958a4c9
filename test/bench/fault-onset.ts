/** From a fault in running pods to weight 0, in virtual time: many seeds, each with its onset at another moment. */
import { openShop, untilRouted } from "../support/running-shop.ts";
import { annotatePods } from "../support/shop-faults.ts";
import { atMost, type Measurement, median, quantile, spreadOf } from "./measurement.ts";

const seeds = 20;
const intervalSeconds = 5;
const scrapeSeconds = 1;

export async function measureFaultOnset(): Promise<readonly Measurement[]> {
  const seconds: number[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) seconds.push(await onsetToZero(seed));
  return [
    {
      name: "fault onset to weight 0, median",
      unit: "s",
      value: median(seconds),
      budget: atMost(20),
      spread: spreadOf(seconds),
      how: `20 % errors at 10 % of 50 rps, scrape ${scrapeSeconds} s, interval ${intervalSeconds} s, virtual time; p90 ${quantile(seconds, 0.9).toFixed(1)} s`,
    },
  ];
}

async function onsetToZero(seed: number): Promise<number> {
  const metric = { name: "error-rate", templateRef: { kind: "AnalysisTemplate", name: "errors" } };
  const { world, shop } = await openShop({
    seed,
    scrapeMs: scrapeSeconds * 1000,
    tickMs: 500,
    requestsPerSecond: 50,
    spec: {
      stages: [{ weight: 10, minSeconds: 86_400, maxSeconds: 86_400 }, { weight: 100 }],
      analysis: {
        intervalSeconds,
        warmupSeconds: 0,
        metrics: [{ ...metric, limit: { max: 5 } }],
      },
    },
  });
  try {
    await shop.push("2");
    await untilRouted({ world, shop }, 10, 60_000);
    // Onsets anywhere between two checks.
    await world.advance(30_000 + (intervalSeconds * 1000 * seed) / seeds);
    const onset = world.clock.monotonic();
    await annotatePods(world, "2", { "sandbox.serin.dev/error-percent": "20" });
    await untilRouted({ world, shop }, 0, 300_000);
    return (world.clock.monotonic() - onset) / 1000;
  } finally {
    await world.close();
  }
}
