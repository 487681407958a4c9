/** A GitOps tool that applies what is in git at its own pace, whatever it finds: server-side, with force. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Scene } from "./scene.ts";

export interface GitOpsTool {
  /** Resolves when its last apply is over. */
  stop(): Promise<void>;
}

const Manifest = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.record(z.string(), z.unknown()),
});

/** Git has the VirtualService as it is now. */
export async function startGitOpsTool(
  { kubectl }: Scene,
  { manager, everyMs }: { readonly manager: string; readonly everyMs: number },
): Promise<GitOpsTool> {
  const ending = new AbortController();
  const now: unknown = JSON.parse(await kubectl(["get", "virtualservice", "orders", "-o", "json"]));
  const git = JSON.stringify(Manifest.parse(now));
  const apply = ["apply", "--server-side", "--force-conflicts", `--field-manager=${manager}`];
  const work = async () => {
    while (!ending.signal.aborted) {
      await kubectl([...apply, "-f", "-"], git);
      await sleep(everyMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const working = work();
  return {
    stop() {
      ending.abort();
      return working;
    },
  };
}
