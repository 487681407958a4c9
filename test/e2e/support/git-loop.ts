/**
 * GitOps tools as the API server meets them: Argo CD with its client-side apply (three-way merge, as kubectl's) and its
 * server-side one with force, and Flux, which applies only what has drifted. Each at its own pace, whatever it finds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  covers,
  type GitRepository,
  Manifest,
  withLive,
  withoutIgnored,
} from "./git-repository.ts";
import type { Scene } from "./scene.ts";

export type Tool = "Argo CD, client-side" | "Argo CD, server-side" | "Flux";

export interface LoopOptions {
  readonly tool: Tool;
  /** Told to leave weights, mirrors and replicas alone: ignoreDifferences with ApplyOutOfSyncOnly, or spec.ignore. */
  readonly isTold: boolean;
  readonly everyMs: number;
}

export interface GitLoop {
  /** Objects that were applied, whether that changed anything or not. */
  applied(): number;
  /** Resolves when its last round is over; rejects if one failed. */
  stop(): Promise<void>;
}

/** From now on; the first round is somewhere in the first interval. */
export function startGitLoop(scene: Scene, git: GitRepository, options: LoopOptions): GitLoop {
  const ending = new AbortController();
  const { signal } = ending;
  const rest = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  let applied = 0;
  let failure: Error | undefined;
  const work = async () => {
    await rest(Math.random() * options.everyMs);
    while (!signal.aborted) {
      for (const object of git.objects()) {
        const wanted = await decideOn(scene, object, options);
        if (wanted === undefined) continue;
        await apply(scene, wanted, options.tool);
        applied += 1;
      }
      await rest(options.everyMs);
    }
  };
  const working = work().catch((error: unknown) => {
    failure = new Error("the tool could not apply", { cause: error });
  });
  return {
    applied: () => applied,
    async stop() {
      ending.abort();
      await working;
      if (failure !== undefined) throw failure;
    },
  };
}

/** What is to be applied; undefined while nothing is. */
async function decideOn(
  scene: Scene,
  object: Manifest,
  { tool, isTold }: LoopOptions,
): Promise<Manifest | undefined> {
  if (!isTold && tool !== "Flux") return object;
  const live = await read(scene, object);
  if (covers(isTold ? withoutIgnored(object) : object, live)) return undefined;
  // Flux writes what it ignores as it found it; Argo CD writes what is in git.
  return isTold && tool === "Flux" ? withLive(object, live) : object;
}

function pathOf({ shop }: Scene, { kind, metadata }: Manifest): string {
  const [prefix, plural] =
    kind === "Deployment"
      ? ["/apis/apps/v1", "deployments"]
      : ["/apis/networking.istio.io/v1", "virtualservices"];
  return `${prefix}/namespaces/${shop.namespace}/${plural}/${metadata.name}`;
}

async function read(scene: Scene, object: Manifest): Promise<Manifest> {
  const path = pathOf(scene, object);
  return Manifest.parse(await scene.suite.admin.request({ method: "GET", path }));
}

async function apply(scene: Scene, object: Manifest, tool: Tool): Promise<void> {
  if (tool === "Argo CD, client-side") {
    const args = ["apply", "--validate=false", "--field-manager=argocd-controller", "-f", "-"];
    await scene.kubectl(args, JSON.stringify(object));
    return;
  }
  const fieldManager = tool === "Flux" ? "kustomize-controller" : "argocd-controller";
  await scene.suite.admin.request({
    method: "PATCH",
    path: pathOf(scene, object),
    patch: "apply",
    query: { fieldManager, force: true },
    body: object,
  });
}
