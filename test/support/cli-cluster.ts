/** A command's way to a world in this process: what it does there, without a kubeconfig and sockets. */
import { createTransport } from "../../src/adapters/kubernetes/transport.ts";
import type { ClusterAccess } from "../../src/cli/cluster-access.ts";
import { CommandError } from "../../src/cli/command-error.ts";
import { inProcessAddress } from "../../src/compose/sandbox-world.ts";
import { fetchOf } from "./embedded-api.ts";
import { createRecordingLog } from "./recording-log.ts";
import { shopNamespace } from "./shop.ts";
import type { World } from "./world.ts";

export function clusterOf(
  world: Pick<World, "clock" | "sandbox">,
  overrides: Partial<ClusterAccess> = {},
): ClusterAccess {
  const { clock, sandbox } = world;
  return {
    transport: createTransport({
      baseUrl: inProcessAddress,
      fetch: fetchOf(sandbox.api),
      clock,
      log: createRecordingLog(),
      random: () => 0.5,
      userAgent: "serin-cli",
      fieldManager: "serin-cli",
    }),
    clock,
    random: () => 0.5,
    namespace: shopNamespace,
    user: "jane",
    signal: new AbortController().signal,
    ...overrides,
  };
}

export interface Ended {
  readonly code: number;
  /** What it ended with: the error's sentence, if there is one. */
  readonly message: string;
}

/** A command under way, and how it ended once it has. */
export function observeEnd(running: Promise<number>) {
  let ended: Ended | undefined;
  const observe = async (): Promise<void> => {
    try {
      ended = { code: await running, message: "" };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      ended = { code: error.exitCode, message: error.message };
    }
  };
  void observe();
  return { ended: () => ended };
}

/** Collects what a command writes. */
export function createOutput(columns?: number) {
  let text = "";
  return {
    ...(columns !== undefined && { isTTY: true, columns }),
    write(more: string) {
      text += more;
    },
    text: () => text,
    lines: () => text.trimEnd().split("\n"),
  };
}
