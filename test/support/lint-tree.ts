/** Lints a small tree of files with the repository's real configuration. It does not judge the findings. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));

const Report = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string().default("") })),
});

function runOxlint(cwd: string): Promise<string> {
  const bin = join(cwd, "node_modules/oxlint/bin/oxlint");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [bin, "--format", "json"], { cwd }, (error, stdout, stderr) => {
      // Findings make the exit code 1; a run that could not start prints no JSON.
      if (stdout.startsWith("{")) resolve(stdout);
      else reject(new Error(`oxlint did not run: ${stdout}${stderr}`, { cause: error }));
    });
  });
}

async function writeTree(folder: string, tree: Readonly<Record<string, string>>): Promise<void> {
  for (const own of [".oxlintrc.json", "tsconfig.json", "test/support/lint"]) {
    await cp(join(root, own), join(folder, own), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [path, text] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** The rules that each file of the tree breaks, by path; a file that breaks none is absent. */
export async function lintTree(
  tree: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const folder = await mkdtemp(join(tmpdir(), "serin-lint-"));
  try {
    await writeTree(folder, tree);
    const { diagnostics } = Report.parse(JSON.parse(await runOxlint(folder)));
    const broken = new Map<string, Set<string>>();
    for (const { filename, code } of diagnostics) {
      broken.set(filename, (broken.get(filename) ?? new Set()).add(code));
    }
    return broken;
  } finally {
    await rm(folder, { recursive: true });
  }
}
