/** Carries a decision out. One exhaustive switch to port calls; it chooses nothing. */
import type { Action, Decision } from "../core/canary/decision.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { InvariantError } from "../ports/errors.ts";
import type { RouteScope } from "../ports/traffic-router.ts";
import type { WorkloadScope } from "../ports/workloads.ts";
import type { ControllerPorts } from "./deps.ts";
import { routeScope, workloadScope } from "./scopes.ts";

type ActPorts = Pick<ControllerPorts, "cluster" | "workloads" | "router">;

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
      return rollBack(decision, snapshot, ports);
    case "Stall":
      return { kind: "Wait", afterMs: undefined };
  }
}

/** Routes and status are written together; neither waits for the other, and both are tried even if one fails. */
async function rollBack(
  decision: Extract<Decision, { kind: "Rollback" }>,
  snapshot: Snapshot,
  ports: ActPorts,
): Promise<Next> {
  const routes = routesOf(snapshot);
  const written = await Promise.allSettled([
    ports.router.lower(routes, 0),
    ports.cluster.writeStatus({
      identity: snapshot.identity,
      status: decision.status,
      mode: "Urgent",
    }),
  ]);
  for (const result of written) if (result.status === "rejected") throw result.reason;
  return { kind: "Again" };
}

function actOn(action: Action, snapshot: Snapshot, ports: ActPorts): Promise<void> {
  switch (action.kind) {
    case "SetWeight":
      return action.direction === "Lower"
        ? ports.router.lower(routesOf(snapshot), action.canaryWeight)
        : ports.router.raise(routesOf(snapshot), action.canaryWeight, resourceVersions(snapshot));
    case "CreateServices":
      return ports.router.createServices(routesOf(snapshot));
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
