/** The `serin` command. Each subcommand loads its own code only when it runs, so that --help is quick. */
import { Command, CommanderError, Option } from "commander";
import { Config, ConfigError, flagName, parseConfig } from "../config.ts";
import type { Surroundings } from "./terminal.ts";

const exitCodes = "Exit codes: 0 done, 1 failed, 2 wrong usage.";

/** Runs the command that the arguments name, and gives its exit code. */
export async function runCli(surroundings: Surroundings): Promise<number> {
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = buildProgram(surroundings, finish);
  try {
    await program.parseAsync([...surroundings.argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    surroundings.stderr.write(`serin: ${messageOf(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

function buildProgram(surroundings: Surroundings, finish: (code: number) => void): Command {
  const program = new Command("serin")
    .description("Progressive delivery for Kubernetes: staged releases judged on live traffic")
    .exitOverride()
    .showHelpAfterError("Add --help to see what can be given.")
    .addHelpText("after", `\n${exitCodes}\nTo see it work, run: npm run demo`)
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, "serin:")),
    });
  addController(program, surroundings, finish);
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
  return program;
}

function addController(
  program: Command,
  surroundings: Surroundings,
  finish: (code: number) => void,
): void {
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

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isTaken = "code" in error && error.code === "EADDRINUSE" && "port" in error;
  return isTaken
    ? `port ${String(error.port)} is taken; give another, or 0 for a free one`
    : error.message;
}
