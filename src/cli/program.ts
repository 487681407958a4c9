/** The commands of `serin` and their flags. Each loads its own code only when it runs, so that --help is quick. */
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { Config, flagName, parseConfig } from "../config.ts";
import { addClusterCommands } from "./cluster-commands.ts";
import { describeExitCodes } from "./exit-codes.ts";
import { addFileCommands } from "./file-commands.ts";
import { printable } from "./printable.ts";
import type { Finish, Surroundings } from "./terminal.ts";

export function buildProgram(surroundings: Surroundings, finish: Finish): Command {
  const program = new Command("serin")
    .description("Progressive delivery for Kubernetes: staged releases judged on live traffic")
    .version(`serin ${versionOfPackage()}`, "-V, --version", "say which version this is")
    .exitOverride()
    .addHelpText("after", `\n${describeExitCodes()}\n\nTo see it work, run: npm run demo`)
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
      getOutHelpWidth: () => surroundings.stdout.columns ?? 100,
      getErrHelpWidth: () => surroundings.stderr.columns ?? 100,
      outputError: (text, write) => write(inOneLine(text)),
    });
  addClusterCommands(program, surroundings, finish);
  addFileCommands(program, surroundings, finish);
  addController(program, surroundings, finish);
  addWorlds(program, surroundings, finish);
  return program;
}

/** As every other refusal: one line, with what to do. */
function inOneLine(text: string): string {
  const line = text
    .replace(/^error:/, "serin:")
    .replace(/\n\(Did you mean (.*)\?\)/, "; did you mean $1?");
  const sentence = printable(line)
    .trim()
    .replaceAll("\n", " ")
    .replace(/(?<![.?])$/, ".");
  return `${sentence} Add --help to see what can be given.\n`;
}

function versionOfPackage(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return /"version": "(?<version>[^"]+)"/.exec(text)?.groups?.["version"] ?? "unknown";
}

function addController(program: Command, surroundings: Surroundings, finish: Finish): void {
  const command = program
    .command("controller")
    .description("run the controller against a cluster")
    .addHelpText(
      "after",
      "\nEach flag may be set in the environment instead, as in SERIN_LOG_LEVEL=debug; flags win.",
    );
  for (const [name, schema] of Object.entries(Config.shape)) {
    const { description = "", placeholder = "name" } = schema.meta() ?? {};
    // Not commander's own default: it would win over the environment.
    const standard = schema.safeParse(undefined).data;
    const suffix = standard === undefined ? "" : `; default: ${standard}`;
    command.option(`--${flagName(name)} <${String(placeholder)}>`, description + suffix);
  }
  command.action(async (flags) => {
    const config = parseConfig(flags, surroundings.env);
    const { controllerCommand } = await import("./controller-command.ts");
    finish(await controllerCommand(config, surroundings));
  });
}

/** What runs in this process alone. */
function addWorlds(program: Command, surroundings: Surroundings, finish: Finish): void {
  program
    .command("sandbox")
    .description(
      "a cluster, a mesh and a Prometheus in this process, with the real controller in it",
    )
    .option("--kubeconfig <file>", "where to write the kubeconfig", ".serin/kubeconfig")
    .option("--port <number>", "port of the API server; 0: a free one", "0")
    .option("--metrics-port <number>", "port of Prometheus; 0: a free one", "0")
    .action(async (options) => {
      const { sandboxCommand } = await import("./sandbox-command.ts");
      finish(await sandboxCommand(options, surroundings));
    });
  program
    .command("demo")
    .description("a good release promoted and a bad one rolled back, in the sandbox, live")
    .addOption(
      new Option("--output <form>", "json: the result as the last line, the rest on stderr")
        .choices(["text", "json"])
        .default("text"),
    )
    .action(async (options) => {
      const { demoCommand } = await import("./demo-command.ts");
      finish(await demoCommand(options, surroundings));
    });
}
