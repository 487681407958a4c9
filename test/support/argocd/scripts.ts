/** The files of deploy/argocd, as Argo CD's own tests of resource_customizations read them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { argocdScripts } from "../../../src/codegen/argocd-config.ts";

const folder = fileURLToPath(new URL(`../../../${argocdScripts}`, import.meta.url));

export const actionNames = ["promote", "promoteFull", "pause", "resume", "abort", "retry"] as const;
export type ActionName = (typeof actionNames)[number];

/** A file below the scripts' folder. */
export function readScript(path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of every kind
export function readTestFile(path: string): any {
  return parse(readScript(path));
}
