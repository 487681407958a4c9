/** Reads the YAML files below a folder of the repository as objects, with the file each came from. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Manifest {
  /** From the root of the repository. */
  readonly file: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of every kind
  readonly object: any;
}

function yamlFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".yaml"))
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .toSorted();
}

export function readManifests(folder: string): readonly Manifest[] {
  return yamlFiles(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(join(root, file), "utf8"), { uniqueKeys: true }).map(
      (document) => {
        if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join("; ")}`);
        return { file, object: document.toJS() };
      },
    ),
  );
}

/** The one object of this kind (and name). */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of every kind
export function findManifest(manifests: readonly Manifest[], kind: string, name?: string): any {
  const found = manifests.filter(
    ({ object }) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind} ${name ?? ""}`);
  return found[0]?.object;
}
