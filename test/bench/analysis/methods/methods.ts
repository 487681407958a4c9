/** Every method by name, each as its makers' documents and code have it. */
import type { Scenario } from "../scenarios/scenario.ts";
import { Exposure, type Reporters } from "../traces/exposure.ts";
import type { Ending, Telemetry } from "../traces/telemetry.ts";
import { historySeconds, Trace } from "../traces/trace.ts";
import { runArgoDocs, runArgoMinute, runHandRatio } from "./argo.ts";
import { runFlagger } from "./flagger.ts";
import { runKayenta } from "./kayenta.ts";
import { runPeekZ } from "./peek-z.ts";
import { defaultSpec } from "./serin/default-spec.ts";
import { type DecisionCost, type Observer, runSerin } from "./serin/run-serin.ts";

type Rival = (telemetry: Telemetry, scrapeSeconds: number) => Ending;

const rivals = {
  "flagger-5": (telemetry) => runFlagger(telemetry, 5),
  "flagger-1": (telemetry) => runFlagger(telemetry, 1),
  "argo-docs": runArgoDocs,
  "argo-1m": runArgoMinute,
  kayenta: runKayenta,
  "hand-ratio": runHandRatio,
  "peek-z": runPeekZ,
} as const satisfies Readonly<Record<string, Rival>>;

export type MethodName = keyof typeof rivals | "serin";

export const methodNames: readonly MethodName[] = [
  "flagger-5",
  "flagger-1",
  "argo-docs",
  "argo-1m",
  "kayenta",
  "hand-ratio",
  "peek-z",
  "serin",
];

/** One release under one method. */
export interface Outcome extends Ending {
  /** Bad requests of the canary since the onset, beyond what stable would have served of the same ones. */
  readonly badRequests: number;
}

/** Runs releases one after the other; its memory is used again for each. */
export class Laboratory {
  readonly #scrapeSeconds: number;
  readonly #trace = new Trace();
  readonly #pods: Exposure;
  readonly #serin: Exposure;
  readonly cost: DecisionCost = { decisions: 0, ms: 0 };

  /** `reporters`: whom Serin asks; its rivals ask the pods. */
  constructor(scrapeSeconds: number, reporters: Reporters) {
    this.#scrapeSeconds = scrapeSeconds;
    this.#pods = new Exposure(this.#trace, scrapeSeconds, "Pods");
    this.#serin =
      reporters === "Pods" ? this.#pods : new Exposure(this.#trace, scrapeSeconds, reporters);
  }

  /** From now on releases are those of this run of this scenario. */
  begin(scenario: Scenario, seed: number, run: number): void {
    this.#trace.begin(scenario, seed, run);
  }

  run(scenario: Scenario, method: MethodName, observer?: Observer): Outcome {
    const exposure = method === "serin" ? this.#serin : this.#pods;
    exposure.begin(scenario, method === "serin" ? -historySeconds : 0);
    const ending = this.#runOn(exposure, method, observer);
    return { ...ending, badRequests: exposure.excess };
  }

  #runOn(exposure: Exposure, method: MethodName, observer: Observer | undefined): Ending {
    if (method !== "serin") return rivals[method](exposure, this.#scrapeSeconds);
    return runSerin(exposure, {
      spec: defaultSpec(this.#scrapeSeconds),
      scrapeSeconds: this.#scrapeSeconds,
      cost: this.cost,
      ...(observer !== undefined && { observer }),
    });
  }
}
