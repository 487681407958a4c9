/** Real kubectl, as people use it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findComponent } from "../setup/components.ts";

const run = promisify(execFile);
const maxOutputBytes = 64 * 1024 * 1024;

/** Its standard output; rejects with what it wrote to standard error. */
export async function kubectl(
  kubeconfig: string,
  args: readonly string[],
  stdin?: string,
): Promise<string> {
  const command = findComponent("kubectl");
  if (command === undefined) throw new Error("there is no kubectl: run `npm run test:e2e:setup`");
  const running = run(command, ["--kubeconfig", kubeconfig, ...args], {
    maxBuffer: maxOutputBytes,
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
  });
  running.child.stdin?.end(stdin);
  const { stdout } = await running;
  return stdout;
}
