/** The commands that need no cluster: crds, lint and plan. */
import { type Command, Option } from "commander";
import type { Finish, Surroundings } from "./terminal.ts";

export function addFileCommands(
  program: Command,
  surroundings: Surroundings,
  finish: Finish,
): void {
  program
    .command("lint")
    .description("check manifests without a cluster: schema, rules, PromQL, routes, rollback bound")
    .argument("<files...>", "files or folders; - for stdin")
    .option("-n, --namespace <name>", "namespace of objects that name none", "default")
    .option("-R, --recursive", "look in the folders of folders too")
    .addOption(
      new Option("-o, --output <form>", "text for people and editors, json for programs")
        .choices(["text", "json"])
        .default("text"),
    )
    .addHelpText("after", lintHelp)
    .action(async (files: readonly string[], flags) => {
      const { lintCommand } = await import("./lint-command.ts");
      finish(await lintCommand(files, flags, surroundings));
    });
  program
    .command("plan")
    .description(
      "what a release will take at a rate of requests, and what cannot be promised at it",
    )
    .argument(
      "<files...>",
      "manifests of Canaries, with templates that are not shipped; - for stdin",
    )
    .requiredOption("--rps <number>", "requests a second to the service, both versions together")
    .option("--error-percent <number>", "the stable version's errors in percent (default: 0.1)")
    .option("-n, --namespace <name>", "namespace of objects that name none", "default")
    .addOption(
      new Option("-o, --output <form>", "text for people, json for programs")
        .choices(["text", "json"])
        .default("text"),
    )
    .action(async (files: readonly string[], flags) => {
      const { planCommand } = await import("./plan-command.ts");
      finish(await planCommand(files, flags, surroundings));
    });
  program
    .command("crds")
    .description("print the definitions of Serin's kinds")
    .addHelpText("after", "\nTo install them: serin crds | kubectl apply -f -")
    .action(async () => {
      const { crdsCommand } = await import("./crds-command.ts");
      finish(await crdsCommand(surroundings));
    });
}

const lintHelp = `
Give a Canary together with what it names (Deployment, Service, VirtualService,
DestinationRule, templates), and lint says what the controller would say of them.
Exit code 1 on errors; warnings alone are 0.`;
