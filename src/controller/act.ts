/** Carries a decision out. One exhaustive switch to port calls; it chooses nothing. */
import type { Action, Decision, Rollback } from "../core/canary/decision.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { InvariantError } from "../ports/errors.ts";
import type { RouteScope } from "../ports/traffic-router.ts";
import type { WorkloadScope } from "../ports/workloads.ts";
import type { ControllerPorts } from "./deps.ts";
import { rollBack } from "./roll-back.ts";
import { routeScope, workloadScope } from "./scopes.ts";

type ActPorts = Pick<
  ControllerPorts,
  "cluster" | "workloads" | "specRevisions" | "router" | "clock" | "random"
>;

/** When to look at the key again. */
export type Next =
  /** At once. */
  | { readonly kind: "Again" }
  /** When something changes, or after `afterMs` at the latest. */
  | { readonly kind: "Wait"; readonly afterMs: number | undefined };

/** Writes what was decided. Throws the three errors of the ports. */
export async function act(decision: Decision, snapshot: Snapshot, ports: ActPorts): Promise<Next> {
  switch (decision.kind) {
    case "Transition":
      await ports.cluster.writeStatus({
        identity: snapshot.identity,
        status: decision.status,
        mode: "Fenced",
      });
      return { kind: "Again" };
    case "Converge":
      for (const action of decision.actions) await actOn(action, snapshot, ports);
      return decision.actions.length > 0
        ? { kind: "Again" }
        : { kind: "Wait", afterMs: decision.requeueAfterMs };
    case "Rollback":
      await rollBack(decision, snapshot.identity, () => lower(decision, snapshot, ports), ports);
      return { kind: "Again" };
    case "Stall":
      return { kind: "Wait", afterMs: undefined };
  }
}

/** Rejects, rather than throws, when it is not known which routes: the status is to be written all the same. */
async function lower(
  { lowerTo = 0 }: Rollback,
  snapshot: Snapshot,
  { router }: ActPorts,
): Promise<void> {
  await router.lower(routesOf(snapshot), lowerTo);
}

function actOn(action: Action, snapshot: Snapshot, ports: ActPorts): Promise<void> {
  switch (action.kind) {
    case "SetWeight":
      return action.direction === "Lower"
        ? ports.router.lower(routesOf(snapshot), action.canaryWeight)
        : ports.router.raise(routesOf(snapshot), action.canaryWeight, resourceVersions(snapshot));
    case "SetMirror":
      return ports.router.mirror(routesOf(snapshot), action.percentage, resourceVersions(snapshot));
    case "FindSpec":
      return ports.specRevisions.look(snapshot.identity, action.revision);
    case "KeepSpec":
      return ports.specRevisions.save(
        snapshot.identity,
        action.content,
        snapshot.status.release?.specRevision,
      );
    case "CreateObjects":
      return ports.router.createObjects(routesOf(snapshot), action.canaryWeight);
    case "SetFinalizer":
      return ports.cluster.setFinalizer(snapshot.identity, action.wanted);
    case "RemoveGenerated":
      return ports.router.removeGenerated(routesOf(snapshot), action.part);
    case "ReadNamespace":
      return ports.cluster.readNamespace(snapshot.identity.namespace);
    case "DeletePrimary":
      return ports.workloads.deletePrimary(workloadsOf(snapshot), action.resourceVersion);
    case "CreatePrimary":
      return ports.workloads.createPrimary(
        workloadsOf(snapshot),
        action.replicas,
        action.templateHash,
      );
    case "Scale":
      return ports.workloads.scale(
        workloadsOf(snapshot),
        action.role,
        action.replicas,
        action.resourceVersion,
      );
    case "CopyTemplate":
      return ports.workloads.copyTemplate(workloadsOf(snapshot), action, action.resourceVersion);
    case "RestoreTemplate":
      return ports.workloads.restoreTemplate(
        workloadsOf(snapshot),
        action.savedHash,
        action.resourceVersion,
      );
    case "ConfirmTemplate":
      return ports.workloads.confirmTemplate(workloadsOf(snapshot), action.resourceVersion);
    case "RemoveAbort":
      return ports.cluster.removeAbort(snapshot.identity, action.value);
  }
}

function routesOf(snapshot: Snapshot): RouteScope {
  if (snapshot.spec.kind !== "Known" || snapshot.selector.kind !== "Known")
    throw new InvariantError("routes are to be written for a spec or selector that was not read");
  return routeScope(snapshot.identity, snapshot.spec.value, snapshot.selector.value);
}

function workloadsOf(snapshot: Snapshot): WorkloadScope {
  if (snapshot.spec.kind !== "Known")
    throw new InvariantError("workloads are to be written for a spec that was not read");
  return workloadScope(snapshot.identity, snapshot.spec.value);
}

function resourceVersions(snapshot: Snapshot): Readonly<Record<string, string>> {
  if (snapshot.routes.kind !== "Known")
    throw new InvariantError("routes are to be raised that were not read");
  return snapshot.routes.value.resourceVersions;
}
