/** Every generated file with its text, and which of those in a checkout are stale. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { printConditions, printNames } from "./catalogue.ts";
import { printDefinition } from "./custom-resource-definition.ts";
import { kinds } from "./kinds.ts";
import { printReference } from "./reference.ts";

/** Folders in which every file is generated. */
const ownedFolders = ["crds", "docs/reference"];

const mark = '<!-- Generated from the sources by "npm run generate". Do not edit. -->';

const namesSource = new URL("../api/names.ts", import.meta.url);

const kebab = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

/** Path from the root of the checkout, and text. */
export type GeneratedFiles = ReadonlyMap<string, string>;

/** Everything that is generated. */
export function generateFiles(): GeneratedFiles {
  const page = (name: string, text: string): [string, string] => [
    `docs/reference/${name}.md`,
    `${mark}\n${text}\n`,
  ];
  return new Map([
    ...kinds.map((kind): [string, string] => [`crds/${kind.plural}.yaml`, printDefinition(kind)]),
    ...kinds.map((kind) => page(kebab(kind.kind), printReference(kind))),
    page("conditions", printConditions()),
    page("names", printNames(readFileSync(namesSource, "utf8"))),
  ]);
}

function filesIn(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
}

const readIfThere = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, "utf8") : undefined;

/** Files of the checkout that differ from what would be generated, are missing, or should not be there. */
export function findStale(root: string, files: GeneratedFiles): readonly string[] {
  const changed = [...files].filter(([path, text]) => readIfThere(join(root, path)) !== text);
  const foreign = ownedFolders.flatMap((folder) => filesIn(root, folder));
  return [
    ...changed.map(([path]) => path),
    ...foreign.filter((path) => !files.has(path)),
  ].toSorted();
}

/** Makes the checkout hold exactly these files; gives the paths that were changed. */
export function writeFiles(root: string, files: GeneratedFiles): readonly string[] {
  const stale = findStale(root, files);
  for (const path of stale) {
    const text = files.get(path);
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (text === undefined) rmSync(target, { recursive: true });
    else writeFileSync(target, text);
  }
  return stale;
}
