/** The manifests that the sandbox installs by itself: Serin's CRDs and the shipped templates, read from the checkout. */
import { readdir, readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { isRawObject, type RawObject } from "../adapters/kubernetes/raw-object.ts";

const root = new URL("../../", import.meta.url);

/** Serin's CustomResourceDefinitions, as generated into crds/. */
export function serinCrds(): Promise<readonly RawObject[]> {
  return readOnce("crds/");
}

/** The same as the texts of their files. */
export async function serinCrdTexts(): Promise<readonly string[]> {
  return Promise.all((await yamlFilesIn("crds/")).map((file) => readFile(file, "utf8")));
}

/** The shipped ClusterAnalysisTemplates. */
export function shippedTemplates(): Promise<readonly RawObject[]> {
  return readOnce("analysis-templates/");
}

/** A checkout stays as it is while a process runs, and tests make many worlds in one. */
const folders = new Map<string, Promise<readonly RawObject[]>>();

function readOnce(folder: string): Promise<readonly RawObject[]> {
  const reading = folders.get(folder) ?? readFolder(folder);
  folders.set(folder, reading);
  return reading;
}

async function readFolder(folder: string): Promise<readonly RawObject[]> {
  const objects: RawObject[] = [];
  for (const file of await yamlFilesIn(folder)) {
    const text = await readFile(file, "utf8");
    for (const document of parseAllDocuments(text)) {
      const value: unknown = document.toJS();
      if (isRawObject(value)) objects.push(value);
    }
  }
  return objects;
}

async function yamlFilesIn(folder: string): Promise<readonly URL[]> {
  const files = await readdir(new URL(folder, root));
  const names = files.filter((file) => file.endsWith(".yaml")).toSorted();
  return names.map((name) => new URL(`${folder}${name}`, root));
}
