/** What must be true after a Canary is deleted: the workload serves, and nothing of Serin's is left but what it says. */
import { expect } from "vitest";
import { eventually } from "../../support/real-time.ts";
import { type Ending, exposureProblems, routeProblems, tellingProblems } from "./aftermath.ts";
import { between } from "./clients.ts";
import { listNamespace } from "./inventory.ts";
import { differences } from "./orphans.ts";
import type { Scene } from "./scene.ts";

export interface Farewell extends Pick<Ending, "steps" | "told" | "isHarmed"> {
  /** Replicas that the target, and the primary if it is kept, end with. */
  readonly replicas: { readonly target: number; readonly primary?: number };
}

const goneMs = 60_000;

/** Of a Canary whose deletion was asked for. */
export async function expectLetGo(scene: Scene, farewell: Farewell): Promise<void> {
  const { suite, shop, form } = scene;
  const { target, primary } = farewell.replicas;
  const { namespace, name } = shop;
  const kept = primary === undefined ? [] : [`Deployment/${name}-primary`];
  const expected = [
    "ServiceAccount/default",
    "AnalysisTemplate/errors",
    "AnalysisTemplate/p99",
    "AlertProvider/slack",
    ...(form === "generate" ? [] : [`DestinationRule/${name}`, `VirtualService/${name}`]),
    `Deployment/${name}`,
    `Service/${name}`,
    ...kept,
  ];
  let left: readonly string[] = [];
  await eventually(`${namespace}/${name} is let go`, goneMs, async () => {
    left = differences(await listNamespace(suite.admin, namespace), [], expected);
    return left.length === 0;
  }).catch(() => undefined);
  await eventually(`${namespace}/${name} has its pods`, goneMs, async () => {
    const { spec, status } = await shop.deployment("target");
    return spec.replicas === target && (status?.availableReplicas ?? 0) === target;
  });
  const clients = between(scene.before, await scene.clients());
  scene.routes.stop();
  const problems = [
    ...left,
    ...routeProblems(scene, farewell),
    ...(await scene.belongings.problems()),
    ...exposureProblems(scene, clients, farewell),
    ...(await tellingProblems(scene, farewell)),
  ];
  expect(problems, `${namespace}/${name} afterwards`).toEqual([]);
  if (primary !== undefined)
    expect((await shop.deployment("primary")).status?.availableReplicas).toBe(primary);
}
