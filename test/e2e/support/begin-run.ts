/** Before all tests of a run, in the process that starts its workers: a folder for what is judged at its end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import requireSupportedNode from "../../support/global-setup.ts";
import { releasePorts } from "./free-port.ts";
import { runFolderVariable } from "./run-folder.ts";

export function setup(): () => void {
  requireSupportedNode();
  const folder = mkdtempSync(join(tmpdir(), "serin-e2e-run-"));
  process.env[runFolderVariable] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
    releasePorts();
  };
}
