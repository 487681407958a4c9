/** The `serin` command. Each subcommand loads its own code only when it runs, so that --help is quick. */
import { Command, CommanderError } from "commander";
import { Config, ConfigError, flagName, parseConfig } from "../config.ts";
import type { Surroundings } from "./terminal.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
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
    const message = error instanceof Error ? error.message : String(error);
    surroundings.stderr.write(`serin: ${message}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

function buildProgram(surroundings: Surroundings, finish: (code: number) => void): Command {
  const program = new Command("serin")
    .description("Progressive delivery for Kubernetes: staged releases judged on live traffic")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
    });
  addController(program, surroundings, finish);
  program
    .command("sandbox")
    .description(
      "a cluster, a mesh and a Prometheus in this process, with the real controller in it",
    )
    .option("--kubeconfig <file>", "where to write the kubeconfig", ".serin/kubeconfig")
    .option("--port <number>", "port of the API server", "0")
    .option("--metrics-port <number>", "port of Prometheus", "0")
    .action(async (options) => {
      const { sandboxCommand } = await import("./sandbox-command.ts");
      finish(await sandboxCommand(options, surroundings));
    });
  program
    .command("demo")
    .description("a good release promoted and a bad one rolled back, in the sandbox, live")
    .option("--output <form>", "text or json", "text")
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
  const command = program.command("controller").description("run the controller against a cluster");
  for (const [name, schema] of Object.entries(Config.shape))
    command.option(`--${flagName(name)} <value>`, schema.description ?? "");
  command.action(async (flags) => {
    const { controllerCommand } = await import("./controller-command.ts");
    finish(await controllerCommand(parseConfig(flags, surroundings.env), surroundings));
  });
}
