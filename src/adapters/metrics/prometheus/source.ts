/**
 * Reads metrics from Prometheus: many releases by one query where their template allows it. Puts the parts together;
 * judges nothing.
 */
import type { MetricSource } from "../../../ports/metric-source.ts";
import { createBoundsMemory } from "./buckets.ts";
import {
  failAll,
  type GroupReadDeps,
  type PrometheusSourceDeps,
  readGroup,
  readPastOfGroup,
  unexpected,
} from "./group-read.ts";
import { createLru } from "./lru.ts";
import { createPlans } from "./plans.ts";
import { MAX_REMEMBERED_GROUPS } from "./query-limits.ts";

export function createPrometheusSource(given: PrometheusSourceDeps): MetricSource {
  const plans = createPlans();
  const deps: GroupReadDeps = {
    ...given,
    plans,
    chunkSizes: createLru<number>(MAX_REMEMBERED_GROUPS),
    bounds: createBoundsMemory(),
  };
  return {
    groupKey: (request) => plans.groupKey(request),
    problems(template, args, reporter) {
      const { problems, copyProblems } = plans.prepare({ template, args });
      return reporter === "Pods" ? [...problems, ...copyProblems] : problems;
    },
    read: (group, atMs, signal) => readGroup(group, atMs, { signal, deps }),
    async readPast(group, span, signal) {
      try {
        return await readPastOfGroup(group, span, { signal, deps });
      } catch (error) {
        return [{ atMs: span.untilMs, readings: failAll(group, unexpected(error)) }];
      }
    },
  };
}
