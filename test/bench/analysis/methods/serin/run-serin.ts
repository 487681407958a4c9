/**
 * Serin itself: its analysis takes in what was scraped, its rules decide on it, and what they decide is carried out. Only
 * the cluster around it is played; no rule is told again here.
 */

import type { CanarySpec } from "../../../../../src/api/canary-spec.ts";
import { followMeasures } from "../../../../../src/controller/measure.ts";
import { type CanaryMemory, Memories, metricState } from "../../../../../src/controller/memory.ts";
import { toFacts } from "../../../../../src/controller/observe.ts";
import type { Subject } from "../../../../../src/controller/subject.ts";
import { advanceMetric } from "../../../../../src/core/analysis/advance.ts";
import type { MetricState } from "../../../../../src/core/analysis/metric-state.ts";
import {
  learnFrom,
  type PastCounters,
  pastToLearn,
} from "../../../../../src/core/analysis/past.ts";
import { decide } from "../../../../../src/core/canary/decide.ts";
import type { Decision } from "../../../../../src/core/canary/decision.ts";
import { measuredFor } from "../../../../../src/core/canary/measured-for.ts";
import type { MetricFacts, Snapshot } from "../../../../../src/core/canary/snapshot.ts";
import { known } from "../../../../../src/core/fact.ts";
import type { Exposure } from "../../traces/exposure.ts";
import type { Ending } from "../../traces/telemetry.ts";
import { horizonSeconds, tickSeconds } from "../../traces/trace.ts";
import { shippedTemplate } from "./default-spec.ts";
import { readScraped } from "./scraped-source.ts";
import { Service, startAt } from "./service.ts";

/** The version is pushed a minute before its pods are ready and get their first traffic. */
const pushedAt = -60;
/** Passes of one instant; more would be a loop. */
const mostPasses = 30;

/** Time that decisions took, for their cost. */
export interface DecisionCost {
  decisions: number;
  ms: number;
}

/** What is shown of a release after each instant at which something was decided, the last one included. */
export type Observer = (second: number, snapshot: Snapshot) => void;

export interface SerinOptions {
  readonly spec: CanarySpec;
  readonly scrapeSeconds: number;
  readonly cost: DecisionCost;
  readonly observer?: Observer;
}

/** The exposure has begun before `pushedAt`, so that there is a past to learn from. */
export function runSerin(exposure: Exposure, options: SerinOptions): Ending {
  const release = new SerinRelease(exposure, options);
  for (let second = pushedAt; second <= horizonSeconds; second += tickSeconds) {
    exposure.advance(second);
    const ending = release.pass(second);
    if (ending !== undefined) return { kind: ending, second };
    exposure.setWeight(release.weight);
  }
  return { kind: "Held", second: horizonSeconds };
}

class SerinRelease {
  readonly #exposure: Exposure;
  readonly #options: SerinOptions;
  readonly #service: Service;
  readonly #memory: CanaryMemory = new Memories().of("shop/web");
  #subjects: readonly Subject[] = [];
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(exposure: Exposure, options: SerinOptions) {
    this.#exposure = exposure;
    this.#options = options;
    this.#service = new Service(options.spec);
  }

  get weight(): number {
    return this.#service.weight;
  }

  /** Reads what is due at this second, then decides until nothing is left to do. */
  pass(second: number): "RolledBack" | "Promoted" | undefined {
    const now = startAt + second * 1000;
    const isRead = this.#read(now);
    // Pods become ready at 0, which wakes it as any event does.
    if (!isRead && second !== 0 && now < this.#dueAt) return undefined;
    for (let count = 0; count < mostPasses; count += 1) {
      const decision = this.#decide(now);
      const { phase } = this.#service.status;
      if (phase === "Failed" || phase === "Promoting") {
        this.#options.observer?.(second, this.#snapshot(now));
        return phase === "Failed" ? "RolledBack" : "Promoted";
      }
      if (decision.kind === "Stall") throw new Error(`stalled: ${decision.message}`);
      if (decision.kind !== "Converge" || decision.actions.length > 0) continue;
      const { requeueAfterMs = Number.POSITIVE_INFINITY } = decision;
      this.#dueAt = now + requeueAfterMs;
      this.#options.observer?.(second, this.#snapshot(now));
      return undefined;
    }
    throw new Error(`no end of passes at second ${second}: ${this.#service.status.message}`);
  }

  #read(now: number): boolean {
    const due = this.#subjects.filter(
      ({ request }) => now % (request.intervalSeconds * 1000) === 0,
    );
    for (const { metric, request, rules } of due) {
      const reading = readScraped(this.#exposure, request);
      const state = metricState(this.#memory, metric);
      const read = advanceMetric(state, { ...reading, at: now }, rules);
      this.#memory.metrics.set(metric, this.#learned(read, { request, rules }, now));
    }
    return due.length > 0;
  }

  /** As whoever measures a release learns once from what stable did before it. */
  #learned(
    state: MetricState,
    { request, rules }: Pick<Subject, "request" | "rules">,
    now: number,
  ): MetricState {
    if (rules.compare === undefined || state.lookedBack > 0) return state;
    const { fromMs, untilMs, stepMs } = pastToLearn(now, { ...request, ...rules });
    const past: PastCounters[] = [];
    for (let at = fromMs; at <= untilMs; at += stepMs) {
      const second = (at - startAt) / 1000;
      const { counters } = readScraped(this.#exposure, request, { second, isWhole: true });
      past.push({ at, counters });
    }
    return { ...learnFrom(state, past, rules), lookedBack: Number.POSITIVE_INFINITY };
  }

  #decide(now: number): Decision {
    const snapshot = this.#snapshot(now);
    followMeasures("shop/web", snapshot, this.#memory, {
      prober: {
        watch: (_, subjects) => {
          this.#subjects = subjects;
        },
        unwatch: () => {
          this.#subjects = [];
        },
      },
      ports: {
        cluster: { template: (_, reference) => this.#template(reference) },
        workloads: { watchPods: () => undefined },
        clock: { now: () => now },
      },
    });
    const { cost } = this.#options;
    const startedAt = performance.now();
    const decision = decide(snapshot, now);
    cost.ms += performance.now() - startedAt;
    cost.decisions += 1;
    this.#carryOut(decision);
    return decision;
  }

  #carryOut(decision: Decision): void {
    switch (decision.kind) {
      case "Transition":
        this.#service.persist(decision.status);
        return;
      case "Rollback":
        this.#service.persist(decision.status);
        this.#service.route(decision.lowerTo ?? 0);
        return;
      case "Converge":
        for (const action of decision.actions) this.#service.carryOut(action);
        return;
      case "Stall":
        return;
    }
  }

  #snapshot(now: number): Snapshot {
    const snapshot = this.#service.snapshot(now);
    const subject = measuredFor(this.#service.status);
    const facts = this.#options.spec.analysis.metrics.flatMap((metric): MetricFacts[] => {
      const template = this.#template(metric.templateRef);
      if (template.kind !== "Known") return [];
      return [toFacts(metric, template.value, metricState(this.#memory, metric.name, subject))];
    });
    return { ...snapshot, metrics: known(facts) };
  }

  #template(reference: Parameters<typeof shippedTemplate>[0]) {
    return shippedTemplate(reference, this.#options.scrapeSeconds);
  }
}
