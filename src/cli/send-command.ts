/** `serin promote`, `abort`, `retry`, `pause`, `resume`: asks by annotation, and waits for the controller's answer. */
import { canaryResource } from "../adapters/kubernetes/cluster/informers.ts";
import { resourcePath } from "../adapters/kubernetes/paths.ts";
import type { LastCommand } from "../api/commands.ts";
import { type CommandAction, CommandRequest } from "../api/commands.ts";
import { abortAnnotation, commandAnnotation } from "../api/names.ts";
import { ConfigError } from "../config.ts";
import { type CanaryView, readCanary } from "./canary-objects.ts";
import { type ClusterAccess, type ClusterFlags, withCluster } from "./cluster-access.ts";
import { CommandError } from "./command-error.ts";
import { showDuration } from "./durations.ts";
import { exitCodes } from "./exit-codes.ts";
import { followCanaries } from "./follow-canaries.ts";
import { ANSWER_TIMEOUT_MS } from "./limits.ts";
import { openCommandOf } from "./open-command.ts";
import type { Surroundings, TextOutput } from "./terminal.ts";
import { fillFor } from "./text-layout.ts";

export interface CommandFlags extends ClusterFlags {
  readonly by?: string;
  readonly reason?: string;
  /** False after --no-wait. */
  readonly wait: boolean;
}

/** What is asked of which Canary. */
export interface Asking {
  readonly name: string;
  readonly action: CommandAction | "abort";
  readonly by: string;
  readonly reason: string;
  readonly isWaiting: boolean;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
}

/** Exit code 0 when done, 1 when refused, 3 when nobody answers. */
export function sendCommand(
  asked: { readonly name: string; readonly action: Asking["action"] },
  flags: CommandFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { env, stdout, stderr } = surroundings;
  return withCluster(flags, surroundings, (cluster) =>
    askController(cluster, {
      ...asked,
      by: flags.by ?? cluster.user ?? env["USER"] ?? "unknown",
      reason: flags.reason ?? "",
      isWaiting: flags.wait,
      stdout,
      stderr,
    }),
  );
}

export async function askController(cluster: ClusterAccess, asking: Asking): Promise<number> {
  const { name, action, stdout, stderr } = asking;
  const note = noteOf(asking, newId(cluster.random));
  const before = await readCanary(cluster, name);
  const open = openCommandOf(before);
  if (open !== undefined && action !== "abort")
    stderr.write(`serin: this replaces a command that was not answered yet: ${open}\n`);
  await annotate(cluster, name, note);
  if (!asking.isWaiting) {
    stdout.write(`${name}: ${action} is asked for; see: serin get ${name}\n`);
    return exitCodes.done;
  }
  const answer = await answerTo(cluster, asking, (view) => findAnswer(view, before, note));
  if (answer.outcome === "Refused")
    throw new CommandError(exitCodes.failed, `${action} is refused: ${answer.message}`);
  stdout.write(`${fillFor(stdout, `${name}: ${action} is done: ${answer.message}`)}\n`);
  return exitCodes.done;
}

interface Note {
  readonly annotation: string;
  readonly text: string;
  /** An abort has none. */
  readonly id: string | undefined;
}

/** Throws ConfigError for what the controller could not read. */
function noteOf({ action, by, reason }: Asking, id: string): Note {
  if (action === "abort") {
    const text = `${reason} (${by})`;
    return { annotation: abortAnnotation, text, id: undefined };
  }
  const request = CommandRequest.safeParse({ id, action, by, reason });
  if (!request.success) {
    const [issue] = request.error.issues;
    const why = issue?.code === "too_big" ? `at most ${issue.maximum} characters` : issue?.message;
    throw new ConfigError(`--${String(issue?.path[0])}: ${why ?? "is not valid"}`);
  }
  return { annotation: commandAnnotation, text: JSON.stringify(request.data), id };
}

/** 128 bits: nobody's else by chance. */
function newId(random: () => number): string {
  const words = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32));
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}

async function annotate(
  { transport, namespace, signal }: ClusterAccess,
  name: string,
  { annotation, text }: Note,
): Promise<void> {
  await transport.request({
    method: "PATCH",
    path: resourcePath(canaryResource, { namespace, name }),
    patch: "merge",
    body: { metadata: { annotations: { [annotation]: text } } },
    signal,
  });
}

type Answer = Pick<LastCommand, "outcome" | "message">;

/** Another command may have been answered right after: that this one was answered is known all the same. */
function findAnswer({ status }: CanaryView, before: CanaryView, { id }: Note): Answer | undefined {
  const { lastCommand, commandIds = [] } = status;
  if (id === undefined) {
    const isNew = JSON.stringify(lastCommand) !== JSON.stringify(before.status.lastCommand);
    return isNew && lastCommand?.action === "abort" ? lastCommand : undefined;
  }
  if (lastCommand?.id === id) return lastCommand;
  return commandIds.includes(id)
    ? { outcome: "Done", message: "it was answered; another command came right after it" }
    : undefined;
}

function answerTo(
  cluster: ClusterAccess,
  { name, action }: Asking,
  find: (view: CanaryView) => Answer | undefined,
): Promise<Answer> {
  const { clock, signal, namespace } = cluster;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const interrupt = (): void =>
    reject(new CommandError(exitCodes.interrupted, `interrupted; ${action} stays asked for`));
  signal.addEventListener("abort", interrupt, { once: true });
  const cancel = clock.setTimer(ANSWER_TIMEOUT_MS, () => reject(noAnswer(name, action)));
  const stop = followCanaries(
    cluster,
    { namespace, name },
    {
      onView(view) {
        const answer = find(view);
        if (answer !== undefined) resolve(answer);
      },
      onGone: () => reject(new CommandError(exitCodes.failed, `Canary ${name} was deleted`)),
      onRefused: reject,
    },
  );
  return promise.finally(() => {
    cancel();
    signal.removeEventListener("abort", interrupt);
    void stop();
  });
}

function noAnswer(name: string, action: string): CommandError {
  return new CommandError(
    exitCodes.timedOut,
    `no controller has answered within ${showDuration(ANSWER_TIMEOUT_MS)}; ${action} stays asked for and is carried out when one comes. ` +
      `Is one running, and for this namespace? What ${name} does now: serin get ${name}`,
  );
}
