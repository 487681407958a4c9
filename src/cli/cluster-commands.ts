/** The commands that speak to a cluster. */
import { type Command, Option } from "commander";
import type { Finish, Surroundings } from "./terminal.ts";

export function addClusterCommands(
  program: Command,
  surroundings: Surroundings,
  finish: Finish,
): void {
  addGet(program, surroundings, finish);
  addWait(program, surroundings, finish);
  addPromote(program, surroundings, finish);
  addAbort(program, surroundings, finish);
  for (const action of ["retry", "pause", "resume"] as const)
    asking(program, action, descriptions[action])
      .option("--reason <text>", "why, for those who read the history")
      .action(async (name: string, flags) => {
        const { sendCommand } = await import("./send-command.ts");
        finish(await sendCommand({ name, action }, flags, surroundings));
      });
}

const descriptions = {
  retry: "start the release of a template that failed again",
  pause: "keep a release at its present weight; its analysis and rollback go on",
  resume: "let a paused release go on",
} as const;

/** A command that is carried out by the controller. */
function asking(program: Command, name: string, description: string): Command {
  return inCluster(
    program.command(name).description(description).argument("<name>", "which Canary"),
  )
    .option("--by <name>", "who asks; default: the kubeconfig's user")
    .option("--no-wait", "do not wait for the controller's answer");
}

function addPromote(program: Command, surroundings: Surroundings, finish: Finish): void {
  asking(program, "promote", "let a release leave its wait or its stage, whatever was measured")
    .option("--full", "pass all stages that are left: straight to 100 %, then the promotion")
    .option("--reason <text>", "why, for those who read the history")
    .action(async (name: string, flags) => {
      const { sendCommand } = await import("./send-command.ts");
      const action = flags.full === true ? "promoteFull" : "promote";
      finish(await sendCommand({ name, action }, flags, surroundings));
    });
}

function addAbort(program: Command, surroundings: Surroundings, finish: Finish): void {
  asking(program, "abort", "take all traffic off the new version and end the release as failed")
    .requiredOption("--reason <text>", "why, for those who read the history")
    .action(async (name: string, flags) => {
      const { sendCommand } = await import("./send-command.ts");
      finish(await sendCommand({ name, action: "abort" }, flags, surroundings));
    });
}

/** As kubectl names them. */
function inCluster(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "namespace; default: the context's")
    .option("--kubeconfig <file>", "kubeconfig; default: $KUBECONFIG or ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig; default: its current one");
}

function addGet(program: Command, surroundings: Surroundings, finish: Finish): void {
  inCluster(
    program
      .command("get")
      .description("show all Canaries of a namespace, or one of them whole")
      .argument("[name]", "which Canary; default: all")
      .option("-A, --all-namespaces", "those of every namespace")
      .option("-w, --watch", "show it again whenever it changes, until Ctrl-C")
      .addOption(
        new Option("-o, --output <form>", "text, wide, json or yaml")
          .choices(["text", "wide", "json", "yaml"])
          .default("text"),
      )
      .option("--exit-code", "end with 1 when a release failed, 4 when a human must act"),
  ).action(async (name: string | undefined, flags) => {
    const { getCommand } = await import("./get-command.ts");
    finish(await getCommand(name, flags, surroundings));
  });
}

function addWait(program: Command, surroundings: Surroundings, finish: Finish): void {
  inCluster(
    program
      .command("wait")
      .description("wait until the template that the Deployment has now is promoted")
      .argument("<name>", "which Canary")
      .option("--timeout <time>", "as 90s, 10m or 1h30m; 0: as long as it takes", "1h")
      .option("--keep-waiting", "go on also where a human must act"),
  )
    .addHelpText("after", waitHelp)
    .action(async (name: string, flags) => {
      const { waitCommand } = await import("./wait-command.ts");
      finish(await waitCommand(name, flags, surroundings));
    });
}

const waitHelp = `
For pipelines: kubectl apply -f deployment.yaml && serin wait order-service
It waits for what the Deployment holds when the wait begins, never for the release
before, and ends with 0 when that is promoted: also when it was already.`;
