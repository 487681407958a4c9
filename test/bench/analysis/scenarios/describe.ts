/** Short ways to write scenarios: everything that is not said is as in the plainest healthy release. */
import { type Latency, slowShare, usual } from "../traces/latency.ts";
import type { Behaviour, Scenario } from "./scenario.ts";

type Described = Pick<Scenario, "name" | "title"> & {
  /** Requests per second. */
  readonly rps?: number;
  readonly rate?: Scenario["rate"];
  /** Of stable, percent; a function of the second where it changes. */
  readonly stablePercent?: number | ((second: number) => number);
  readonly stableLatency?: Latency;
} & Partial<Pick<Scenario, "noise" | "lost" | "onset" | "harm">>;

type Percent = number | ((second: number, pod: number) => number);

/** The canary, where it differs from stable. */
interface Fault {
  readonly percent?: Percent;
  readonly latency?: Latency | ((second: number) => Latency);
  /** At 30 % of the traffic and more. */
  readonly loadedPercent?: number;
}

/** A release that should be promoted. Both versions are alike but for `fault`, which is within what is tolerated. */
export function healthy(described: Described, fault: Fault = {}): Scenario {
  return { ...describe(described, fault), isHealthy: true, isBeyondHarm: false };
}

/** A release that should not be promoted. */
export function bad(described: Described, fault: Fault): Scenario {
  const scenario = describe(described, fault);
  return { ...scenario, isHealthy: false, isBeyondHarm: isBeyondHarm(scenario) };
}

function describe(
  { name, title, rps = 50, stablePercent = 0.1, stableLatency = usual, ...others }: Described,
  { percent = stablePercent, latency = stableLatency, loadedPercent }: Fault,
): Scenario {
  const canary = behaviour(percent, latency);
  const isSlowAlone = percent === stablePercent && loadedPercent === undefined;
  return {
    name,
    title,
    isHealthy: false,
    isBeyondHarm: false,
    harm: isSlowAlone && latency !== stableLatency ? "Slow" : "Errors",
    onset: 0,
    rate: () => rps,
    noise: { kind: "Even" },
    lost: { share: 0, gap: undefined },
    stable: behaviour(stablePercent, stableLatency),
    canary,
    loaded: loadedPercent === undefined ? undefined : behaviour(loadedPercent, latency),
    ...others,
  };
}

function behaviour(percent: Percent, latency: Latency | ((second: number) => Latency)): Behaviour {
  return {
    errorShare: (second, pod) =>
      (typeof percent === "number" ? percent : percent(second, pod)) / 100,
    latency: typeof latency === "function" ? latency : () => latency,
  };
}

const fullyThere = 3599;

/** By the defaults of the comparison, in the last second: errors 1.5 × + 0.5 points, slower than 500 ms 1.5 × + 1 point. */
function isBeyondHarm({ stable, canary, loaded = canary }: Scenario): boolean {
  const errors = (of: Behaviour): number =>
    (of.errorShare(fullyThere, 0) + of.errorShare(fullyThere, 1)) / 2;
  const slow = (of: Behaviour): number => slowShare(of.latency(fullyThere));
  const tiny = 1e-9;
  return (
    errors(loaded) >= 1.5 * errors(stable) + 0.005 - tiny ||
    slow(loaded) >= 1.5 * slow(stable) + 0.01
  );
}
