/**
 * A Prometheus-compatible server in this process and in memory: scrapes the simulated mesh and answers PromQL.
 * Puts the parts together; knows neither what the mesh simulates nor who asks.
 */
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { ScrapeTargets } from "../scrape-target.ts";
import type { PrometheusFault } from "./faults.ts";
import { answerWithFault } from "./faults.ts";
import { answer } from "./http-api.ts";
import { DEFAULT_RETENTION_MS, MAX_RETENTION_MS, MAX_SERIES } from "./limits.ts";
import { Scraper } from "./scraper.ts";
import { SeriesStore } from "./series-store.ts";

export interface PrometheusOptions {
  readonly targets: ScrapeTargets;
  readonly clock: Clock;
  readonly scrapeMs: number;
  /** How long samples are kept; 10 minutes by default, an hour at most. */
  readonly retentionMs?: number;
}

export interface EmbeddedPrometheus {
  /** Answers one request in process. Rejects as `globalThis.fetch` does, when the fault says so. */
  fetch(request: Request): Promise<Response>;
  /** Scrapes now and then every `scrapeMs`, until stopped. */
  start(): void;
  stop(): void;
  scrapeOnce(): void;
  /** Faults for tests and the demo; undefined heals. */
  setFault(fault: PrometheusFault | undefined): void;
}

export function createPrometheus(options: PrometheusOptions): EmbeddedPrometheus {
  return new InMemoryPrometheus(options);
}

class InMemoryPrometheus implements EmbeddedPrometheus {
  readonly #clock: Clock;
  readonly #scrapeMs: number;
  readonly #store: SeriesStore;
  readonly #scraper: Scraper;
  #fault: PrometheusFault | undefined;
  #cancelTimer: CancelTimer | undefined;

  constructor({ targets, clock, scrapeMs, retentionMs = DEFAULT_RETENTION_MS }: PrometheusOptions) {
    this.#clock = clock;
    this.#scrapeMs = scrapeMs;
    this.#store = new SeriesStore({
      retentionMs: Math.min(retentionMs, MAX_RETENTION_MS),
      maxSeries: MAX_SERIES,
    });
    this.#scraper = new Scraper(targets, this.#store);
  }

  fetch(request: Request): Promise<Response> {
    const answerNow = async () => {
      const nowMs = this.#clock.now();
      const targets = () => this.#scraper.knownTargets();
      const response = await answer(request, { store: this.#store, nowMs, targets });
      // As every HTTP server says; who is off by much asks for instants by this clock.
      response.headers.set("date", new Date(nowMs).toUTCString());
      return response;
    };
    if (this.#fault === undefined) return answerNow();
    return answerWithFault(this.#fault, { clock: this.#clock, request, answer: answerNow });
  }

  start(): void {
    if (this.#cancelTimer !== undefined) return;
    this.scrapeOnce();
    this.#schedule(this.#clock.monotonic() + this.#scrapeMs);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  scrapeOnce(): void {
    this.#scraper.scrape(this.#clock.now());
  }

  setFault(fault: PrometheusFault | undefined): void {
    this.#fault = fault;
  }

  /** Rounds keep to a fixed grid; those that were missed are not made up for. */
  #schedule(dueAt: number): void {
    const delayMs = Math.max(0, dueAt - this.#clock.monotonic());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.scrapeOnce();
      const missed = Math.floor((this.#clock.monotonic() - dueAt) / this.#scrapeMs);
      this.#schedule(dueAt + (missed + 1) * this.#scrapeMs);
    });
  }
}
