/** `serin demo`: shows a good release promoted and a bad one rolled back, and ends with 0 only if both end as they must. */
import { createPinoLog } from "../adapters/observability/pino-log.ts";
import { createPrometheusMetrics } from "../adapters/observability/prometheus-metrics.ts";
import { createSystemClock } from "../adapters/system-clock.ts";
import { type DemoResult, runDemo } from "../compose/demo.ts";
import { ConfigError } from "../config.ts";
import { createDemoView } from "./demo-view.ts";
import { secureRandom } from "./secure-random.ts";
import type { Surroundings } from "./terminal.ts";

/** Exit code 0: the good release succeeded with every weight, the bad one was rolled back. */
export async function demoCommand(
  flags: { readonly output: string },
  surroundings: Surroundings,
): Promise<number> {
  if (flags.output !== "text" && flags.output !== "json")
    throw new ConfigError(`--output ${flags.output}: write text or json`);
  const isJson = flags.output === "json";
  const view = createDemoView(isJson ? surroundings.stderr : surroundings.stdout);
  const clock = createSystemClock();
  try {
    const result = await runDemo({
      clock,
      log: createPinoLog({ clock, level: "error", destination: surroundings.stderr }),
      random: secureRandom,
      metrics: createPrometheusMetrics({ withProcess: false }),
      signal: surroundings.signal,
      onView: (shown) => view.update(shown),
    });
    view.finish(result);
    if (isJson) surroundings.stdout.write(`${JSON.stringify(result)}\n`);
    return isAsExpected(result) ? 0 : 1;
  } finally {
    view.close();
  }
}

function isAsExpected({ good, bad }: DemoResult): boolean {
  return (
    good.phase === "Succeeded" && good.weights.join() === "10,25,50,100" && bad.phase === "Failed"
  );
}
