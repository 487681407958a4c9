/**
 * What the controller would say of a Canary that satisfies its schema: its target, routes, templates and rollback bound,
 * as far as the files have what it names. What they do not have is noted, not complained of.
 */
import type { CanarySpec } from "../../api/canary-spec.ts";
import type { ControllerPorts } from "../../controller/deps.ts";
import { toKey } from "../../controller/key.ts";
import { Memories } from "../../controller/memory.ts";
import { observe } from "../../controller/observe.ts";
import { routeScope } from "../../controller/scopes.ts";
import { assessTogether, neededFacts } from "../../core/canary/acceptance.ts";
import type { Identity, Snapshot } from "../../core/canary/snapshot.ts";
import type { Path } from "../../sandbox/api-server/json.ts";
import type { Complaint } from "./finding.ts";

type Said = Omit<Complaint, "object">;

/** Reasons that only say that the files do not have a thing; the cluster may. */
const notGiven: ReadonlySet<string> = new Set([
  "TargetNotFound",
  "PrimaryNotFound",
  "VirtualServiceNotFound",
  "DestinationRuleNotFound",
  "ServiceNotFound",
  "TemplateNotFound",
]);

/** Where the reader finds what a reason speaks of. */
const paths: Readonly<Record<string, Path>> = {
  SelectorLabelMissing: ["spec", "targetRef"],
  PrimaryNameTaken: ["spec", "targetRef"],
  AutoscalerNotSupported: ["spec", "targetRef"],
  RouteNotFound: ["spec", "routing", "istio", "virtualServices", 0],
  DestinationMissing: ["spec", "routing", "istio", "virtualServices", 0],
  SubsetMissing: ["spec", "routing", "istio"],
  NameTaken: ["spec", "routing", "istio", "generate"],
  ServiceSelectsOneVersion: ["spec", "service"],
  TemplateInvalid: ["spec", "analysis", "metrics"],
  RollbackBoundExceeded: ["spec", "rollback"],
};

export function checkCanary(
  canary: { readonly namespace: string; readonly name: string },
  ports: ControllerPorts,
): readonly Said[] {
  const key = toKey(canary);
  const snapshot = observe(key, new Memories().of(key), ports);
  if (snapshot === undefined || snapshot.spec.kind !== "Known") return [];
  const spec = snapshot.spec.value;
  const seen = withRoutesAlone(snapshot, spec, ports);
  const missing = neededFacts(seen).flatMap((fact) => (fact.kind === "Missing" ? [fact] : []));
  const acceptance = assessTogether(seen);
  const said = missing
    .filter(({ reason }) => !notGiven.has(reason))
    .map(({ reason, because }) => error(reason, because));
  if (acceptance.kind === "Refused") said.push(error(acceptance.reason, acceptance.message));
  const warnings = acceptance.kind === "Accepted" ? acceptance.warnings : [];
  said.push(...warnings.map(warning));
  const absent = new Set(
    missing.filter(({ reason }) => notGiven.has(reason)).map(({ reason }) => reason),
  );
  return [
    ...unique(said),
    ...templateWarnings(snapshot.identity, spec, ports),
    ...noteOf(absent, snapshot.identity, spec, ports),
  ];
}

function error(reason: string, message: string): Said {
  return { severity: "Error", path: paths[reason] ?? ["spec"], reason, message };
}

function warning(message: string): Said {
  return { severity: "Warning", path: ["spec", "targetRef"], reason: "Warning", message };
}

function unique(said: readonly Said[]): readonly Said[] {
  return [...new Map(said.map((one) => [one.message, one])).values()];
}

/**
 * Routes are observed by the target's labels. Without the target, what needs no label can still be said of the
 * VirtualService: which rule, and which destinations it must have.
 */
function withRoutesAlone(snapshot: Snapshot, spec: CanarySpec, ports: ControllerPorts): Snapshot {
  const { selector } = snapshot;
  if (selector.kind !== "Missing" || selector.reason !== "TargetNotFound") return snapshot;
  const standIn = { label: "app", value: spec.targetRef.name };
  const routes = ports.router.observe(routeScope(snapshot.identity, spec, standIn));
  const dependsOnLabels =
    routes.kind === "Missing" &&
    ["SubsetMissing", "ServiceSelectsOneVersion"].includes(routes.reason);
  return dependsOnLabels ? snapshot : { ...snapshot, routes };
}

function templateWarnings(
  { namespace }: Identity,
  spec: CanarySpec,
  { cluster, source }: ControllerPorts,
): readonly Said[] {
  return spec.analysis.metrics.flatMap((metric, index) => {
    const template = cluster.template(namespace, metric.templateRef);
    if (template.kind !== "Known") return [];
    return source
      .problems(template.value.spec, metric.args ?? {})
      .filter(({ severity }) => severity === "Warning")
      .map(({ reason, message }) => ({
        severity: "Warning" as const,
        path: ["spec", "analysis", "metrics", index],
        reason,
        message: `template ${metric.templateRef.name}: ${message}`,
      }));
  });
}

function noteOf(
  absent: ReadonlySet<string>,
  { namespace }: Identity,
  spec: CanarySpec,
  { cluster }: ControllerPorts,
): readonly Said[] {
  const names: string[] = [];
  if (absent.has("TargetNotFound")) names.push(`Deployment ${spec.targetRef.name}`);
  if (absent.has("VirtualServiceNotFound")) names.push("VirtualService");
  if (absent.has("DestinationRuleNotFound")) names.push("DestinationRule");
  if (absent.has("ServiceNotFound"))
    names.push(`Service ${spec.service?.name ?? spec.targetRef.name}`);
  const templates = spec.analysis.metrics
    .map(({ templateRef }) => templateRef)
    .filter((reference) => cluster.template(namespace, reference).kind !== "Known");
  names.push(...new Set(templates.map(({ kind, name }) => `${kind} ${name}`)));
  const providers = spec.alerts.map(({ providerRef }) => providerRef.name);
  const unknown = providers.filter(
    (name) => cluster.alertProvider(namespace, name).kind !== "Known",
  );
  names.push(...new Set(unknown.map((name) => `AlertProvider ${name}`)));
  if (names.length === 0) return [];
  const also =
    templates.length > 0 ? "; without its templates the rollback bound is not known" : "";
  const message = `not among the files, so not checked: ${names.join(", ")}${also}`;
  return [{ severity: "Note", path: [], reason: "NotGiven", message }];
}
