/** Builds kustomizations of the repository with the real kubectl, as people do. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse, parseAllDocuments, stringify } from "yaml";
import type { Manifest } from "./manifests.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const KUBECTL = process.env["KUBECTL"] ?? "kubectl";
const maxOutputBytes = 16 * 2 ** 20;

/** The objects that `kubectl kustomize` prints. */
export async function buildKustomization(folder: string): Promise<readonly Manifest[]> {
  const { stdout } = await promisify(execFile)(
    KUBECTL,
    ["kustomize", "--load-restrictor", "LoadRestrictionsNone", join(root, folder)],
    { maxBuffer: maxOutputBytes },
  );
  return parseAllDocuments(stdout).map((each) => ({ file: folder, object: each.toJS() }));
}

/** The same after somebody has edited the overlay: switched components on, or set another namespace. */
export async function buildEdited(
  overlay: string,
  edit: { readonly components?: readonly string[]; readonly namespace?: string },
): Promise<readonly Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), "serin-kustomize-"));
  const from = (path: string): string => relative(folder, join(root, overlay, path));
  try {
    const text = await readFile(join(root, overlay, "kustomization.yaml"), "utf8");
    const kustomization = parse(text);
    kustomization.resources = kustomization.resources.map(from);
    for (const patch of kustomization.patches) if ("path" in patch) patch.path = from(patch.path);
    kustomization.components = (edit.components ?? []).map((path) =>
      relative(folder, join(root, path)),
    );
    kustomization.namespace = edit.namespace ?? kustomization.namespace;
    await writeFile(join(folder, "kustomization.yaml"), stringify(kustomization));
    return await buildKustomization(relative(root, folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}
