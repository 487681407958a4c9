/** Why a command does not apply where the Canary is in its life, and what to do instead. */
import type { CommandAction } from "../../api/commands.ts";
import { openCommand } from "./command-answer.ts";
import { abortHint, hint } from "./hint.ts";
import { isInStage } from "./phases.ts";
import type { LifePhase, Situation } from "./situation.ts";

/** Undefined when there is no command, when it applies, or when a fact that decides it is not known yet. */
export function commandRefusal(s: Situation): string | undefined {
  const command = openCommand(s);
  if (command === undefined) return undefined;
  if (command.kind === "Unreadable") return command.because;
  if (s.phase === "Suspended")
    return "spec.suspend is set: nothing goes on; set it to false first, or abort the release";
  return refusals[command.action](s) ?? whyStuck(s, command.action);
}

/** What would raise the weight, or begin a release, waits for a spec that can be worked with: it is not to be called done. */
function whyStuck({ acceptance }: Situation, action: CommandAction): string | undefined {
  if (acceptance.kind !== "Refused" || action === "pause" || action === "resume") return undefined;
  return `the spec is not accepted, mend it first, then ${action} again: ${acceptance.message}`;
}

const refusals: Readonly<Record<CommandAction, (s: Situation) => string | undefined>> = {
  promote: outsideStages,
  promoteFull: outsideStages,
  retry: refuseRetry,
  pause: refusePause,
  resume: refuseResume,
};

function outsideStages(s: Situation): string | undefined {
  return isInStage(s.status) ? undefined : whyNoStage(s);
}

function refusePause(s: Situation): string | undefined {
  if (s.phase === "Waiting") return `the release waits already: ${s.status.waiting?.reason ?? ""}`;
  if (s.phase === "Promoting" && s.status.release?.promotion?.step !== "Restore")
    return `a promotion cannot be paused; let it end, or take it back with: ${abortHint(s)}`;
  return outsideStages(s);
}

function refuseResume(s: Situation): string | undefined {
  if (s.phase === "Progressing") return "the release does not wait";
  if (s.phase === "Waiting" && s.status.waiting?.reason === "Approval")
    return `the stage waits for its approval; give it with: ${hint(s, "promote")}`;
  return outsideStages(s);
}

function refuseRetry(s: Situation): string | undefined {
  if (s.phase !== "Failed") return isInStage(s.status) ? "a release runs" : whyNoRetry(s);
  const { target } = s.snapshot;
  if (target.kind !== "Known" || target.value.templateHash === s.status.lastFailedHash)
    return undefined;
  return "the target has another template than the one that failed; it is released by itself";
}

function whyNoRetry(s: Situation): string {
  return s.phase === "Initialized" || s.phase === "Succeeded" ? "no release failed" : whyNoStage(s);
}

const noStage: Readonly<Partial<Record<LifePhase, string>>> = {
  New: "the Canary is not initialised yet; no release runs",
  Initializing: "the Canary is being initialised; no release runs",
  Initialized: "no release runs",
  Succeeded: "no release runs; the last one was promoted",
  Finalising: "the new version is promoted and serves all traffic",
  Terminating: "the Canary is being deleted",
};

function whyNoStage(s: Situation): string {
  if (s.phase === "Failed")
    return `no release runs, the last one failed; release it again with: ${hint(s, "retry")}`;
  if (s.phase === "Promoting")
    return s.status.release?.promotion?.step === "Restore"
      ? "the release is being taken off"
      : "the release is being promoted already";
  return noStage[s.phase] ?? "no release runs";
}
