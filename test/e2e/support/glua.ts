/** Runs a chunk of Lua in gopher-lua, which Argo CD runs its scripts in. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireComponent } from "./control-plane.ts";

const maxOutputBytes = 64 * 2 ** 20;

/** What the chunk returns, as text. */
export async function runGlua(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "serin-glua-"));
  try {
    const file = join(folder, "program.lua");
    await writeFile(file, `local print = print\nprint((function()\n${program}\nend)())\n`);
    const { stdout } = await promisify(execFile)(requireComponent("glua"), [file], {
      maxBuffer: maxOutputBytes,
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
