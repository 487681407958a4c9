/** Gathers everything a decision is made from. Reads caches and memory only; never writes, never waits. */
import type { AnalysisTemplateSpec } from "../api/analysis-template.ts";
import type { CanarySpec, Metric } from "../api/canary-spec.ts";
import type { MetricState } from "../core/analysis/metric-state.ts";
import { assessAcceptance } from "../core/canary/acceptance.ts";
import { heldSpec } from "../core/canary/freeze.ts";
import { measuredFor } from "../core/canary/measured-for.ts";
import type { Identity, MetricFacts, Routes, Snapshot } from "../core/canary/snapshot.ts";
import { type Fact, known, missing, unknown } from "../core/fact.ts";
import type { CanaryObject, FoundTemplate } from "../ports/cluster.ts";
import type { WorkloadFacts } from "../ports/workloads.ts";
import type { ControllerPorts } from "./deps.ts";
import {
  type FindTemplate,
  observeFreeze,
  specInForce,
  templatesNow,
  templatesOf,
} from "./freeze.ts";
import { fromKey } from "./key.ts";
import { type CanaryMemory, metricState, recallComparisons } from "./memory.ts";
import { pastStatus } from "./past-status.ts";
import { findRival } from "./rivals.ts";
import { routeScope, workloadScope } from "./scopes.ts";

type ObservePorts = Pick<
  ControllerPorts,
  "cluster" | "workloads" | "specRevisions" | "router" | "source" | "clock"
>;

/** The snapshot of a Canary; undefined when it is gone. */
export function observe(
  key: string,
  memory: CanaryMemory,
  ports: ObservePorts,
): Snapshot | undefined {
  const found = ports.cluster.canary(fromKey(key));
  if (found === undefined) return undefined;
  const canary = { ...found, status: pastStatus(found.status, memory, ports.clock.now()) };
  recallComparisons(memory, canary.status);
  const freeze = observeFreeze(canary, memory, ports);
  const held = heldSpec(freeze);
  if (freeze.kind === "Unknown")
    return {
      ...look({ ...canary, spec: freeze }, memory, ports, () => freeze),
      asked: canary.spec,
      freeze,
    };
  const now = templatesNow(ports.cluster, canary.identity.namespace);
  if (held === undefined) return { ...look(canary, memory, ports, now), freeze };
  const spec = specInForce(held, canary.spec);
  const find = templatesOf(freeze, canary.identity, ports.cluster);
  const seen = look({ ...canary, spec: known(spec) }, memory, ports, find);
  const isOther = freeze.kind === "Due" || (freeze.kind === "Held" && freeze.isEdited);
  // A template that the release has needs not be there any more: an edit is refused for what it names itself.
  const either: FindTemplate = (reference) => {
    const kept = find(reference);
    return kept.kind === "Known" ? kept : now(reference);
  };
  const refusal = isOther ? refusalOf(look(canary, memory, ports, either)) : undefined;
  return { ...seen, asked: canary.spec, freeze, ...(refusal !== undefined && { refusal }) };
}

/** Why an edit could not be acted on, were it in force. */
function refusalOf(asked: Snapshot): Snapshot["refusal"] {
  const acceptance = assessAcceptance(asked);
  if (acceptance.kind !== "Refused") return undefined;
  return { reason: acceptance.reason, message: acceptance.message };
}

function look(
  canary: CanaryObject,
  memory: CanaryMemory,
  ports: ObservePorts,
  find: FindTemplate,
): Snapshot {
  const rest = {
    identity: canary.identity,
    deletion: canary.deletion,
    namespace: canary.deletion.isAsked
      ? ports.cluster.namespace(canary.identity.namespace)
      : unknown("nobody has asked"),
    spec: canary.spec,
    asked: canary.spec,
    status: canary.status,
    commands: canary.commands,
    told: memory.told,
    stall: memory.stall,
    freeze: { kind: "None" } as const,
    ...(memory.hindrance !== undefined && { hindrance: memory.hindrance }),
  };
  if (canary.spec.kind !== "Known") return { ...rest, ...unread("the spec is not readable") };
  const spec = canary.spec.value;
  const workloads = ports.workloads.observe(workloadScope(canary.identity, spec));
  const stateOf = (metric: string) => metricState(memory, metric, measuredFor(canary.status));
  return {
    ...rest,
    target: workloads.target,
    primary: workloads.primary,
    selector: workloads.selector,
    autoscaler: workloads.autoscaler,
    neighbours: workloads.neighbours,
    pods: workloads.pods,
    // Somebody else's routes are not looked at, and so never written.
    routes:
      findRival(canary, ports.cluster) ?? observeRoutes(canary.identity, spec, workloads, ports),
    generatedRoute: observeGeneratedRoute(canary, spec, workloads, ports),
    metrics: observeMetrics(spec, ports, { find, stateOf }),
  };
}

function unread(because: string) {
  const fact = unknown(because);
  return {
    target: fact,
    primary: fact,
    selector: fact,
    autoscaler: fact,
    neighbours: fact,
    pods: fact,
    routes: fact,
    generatedRoute: fact,
    metrics: fact,
  };
}

function observeRoutes(
  identity: Identity,
  spec: CanarySpec,
  workloads: WorkloadFacts,
  ports: ObservePorts,
): Fact<Routes> {
  if (workloads.selector.kind !== "Known") return workloads.selector;
  return ports.router.observe(routeScope(identity, spec, workloads.selector.value));
}

/** Asked only where it is to go. */
function observeGeneratedRoute(
  { identity, deletion }: CanaryObject,
  spec: CanarySpec,
  { selector }: WorkloadFacts,
  { router }: ObservePorts,
): Snapshot["generatedRoute"] {
  if (!deletion.isAsked) return unknown("nobody has asked");
  return selector.kind === "Known"
    ? router.generatedRoute(routeScope(identity, spec, selector.value))
    : selector;
}

function observeMetrics(
  spec: CanarySpec,
  { source }: ObservePorts,
  { find, stateOf }: { find: FindTemplate; stateOf: (metric: string) => MetricState },
): Fact<readonly MetricFacts[]> {
  const facts: MetricFacts[] = [];
  for (const metric of spec.analysis.metrics) {
    const template = find(metric.templateRef);
    if (template.kind !== "Known") return template;
    const reporter = isAskedOfPods(spec, metric) ? "Pods" : "Callers";
    const problems = source.problems(template.value.spec, metric.args ?? {}, reporter);
    const problem = problems.find(({ severity }) => severity === "Error");
    if (problem !== undefined)
      return missing(
        "TemplateInvalid",
        `metric ${metric.name}, template ${metric.templateRef.name}: ${problem.message}`,
      );
    facts.push(toFacts(metric, template.value, stateOf(metric.name)));
  }
  return known(facts);
}

/** Callers know nothing of copies: a metric that decides would keep a mirror stage waiting for ever. */
function isAskedOfPods({ stages, skipAnalysis }: CanarySpec, { dryRun }: Metric): boolean {
  return !skipAnalysis && !dryRun && stages.some(({ mirror }) => mirror !== undefined);
}

/** A metric of the spec, by its template, with what was measured of it. */
export function toFacts(metric: Metric, template: FoundTemplate, state: MetricState): MetricFacts {
  const { latency, provider } = template.spec;
  return {
    name: metric.name,
    kind: kindOf(template.spec),
    quantile: latency?.quantile ?? 0,
    unit: unitOf(template.spec),
    scrapeSeconds: provider.prometheus?.scrapeSeconds ?? 0,
    queryTimeoutSeconds: provider.prometheus?.timeoutSeconds ?? 0,
    state,
  };
}

function kindOf({ latency, value }: AnalysisTemplateSpec): MetricFacts["kind"] {
  if (value !== undefined) return "Value";
  return latency === undefined ? "Ratio" : "Latency";
}

function unitOf({ latency, value }: AnalysisTemplateSpec): string {
  return value === undefined ? (latency?.unit ?? "%") : (value.unit ?? "");
}
