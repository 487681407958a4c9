/** The scripts for Argo CD in the interpreter that Argo CD uses. Needs no server. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";
import { describeArgocd } from "../../support/argocd/describe-argocd.ts";
import { findComponent } from "../setup/components.ts";

const glua = findComponent("glua");
const maxOutputBytes = 64 * 2 ** 20;

async function interpret(program: string): Promise<string> {
  if (glua === undefined) throw new Error("glua is missing: npm run test:e2e:setup");
  const folder = await mkdtemp(join(tmpdir(), "serin-glua-"));
  try {
    const file = join(folder, "program.lua");
    await writeFile(file, `local print = print\nprint((function()\n${program}\nend)())\n`);
    const { stdout } = await promisify(execFile)(glua, [file], { maxBuffer: maxOutputBytes });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const isMissing = glua === undefined;
if (isMissing) process.stderr.write("\nSKIPPED for want of glua: npm run test:e2e:setup\n");

describe.skipIf(isMissing)("in gopher-lua", () => {
  describeArgocd(interpret);
});
