import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findStale, generateFiles, writeFiles } from "../../src/codegen/generated-files.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

describe("generated files", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "serin-codegen-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("are current in this checkout", () => {
    expect(findStale(checkout, generateFiles(checkout))).toEqual([]);
  });

  it("are stale when they are missing, edited, or left over", () => {
    const files = generateFiles(root);
    expect(findStale(root, files)).toEqual([...files.keys()].toSorted());
    expect(writeFiles(root, files)).toHaveLength(files.size);
    expect(findStale(root, files)).toEqual([]);
    writeFileSync(join(root, "crds/canaries.yaml"), "edited");
    writeFileSync(join(root, "crds/left-over.yaml"), "");
    expect(findStale(root, files)).toEqual(["crds/canaries.yaml", "crds/left-over.yaml"]);
  });

  it("are made whole again, and what is left over goes", () => {
    const files = generateFiles(root);
    writeFiles(root, files);
    writeFileSync(join(root, "docs/reference/names.md"), "edited");
    writeFileSync(join(root, "crds/left-over.yaml"), "");
    writeFiles(root, files);
    expect(findStale(root, files)).toEqual([]);
    expect(readFileSync(join(root, "docs/reference/names.md"), "utf8")).toContain("# Names");
  });

  it("put the state diagram between the README's markers, if it has them", () => {
    const readme = join(root, "README.md");
    writeFileSync(readme, "# Serin\n");
    expect(generateFiles(root).has("README.md")).toBe(false);
    writeFileSync(readme, "# Serin\n<!-- states:begin -->\n<!-- states:end -->\nMore.\n");
    writeFiles(root, generateFiles(root));
    const text = readFileSync(readme, "utf8");
    expect(text).toMatch(/Progressing --> Failed: .*rollBack/);
    expect(text.startsWith("# Serin\n<!-- states:begin -->\n```mermaid\n")).toBe(true);
    expect(text).toMatch(/```\n\nNot drawn: .*\.\n<!-- states:end -->\nMore\.\n$/);
    expect(findStale(root, generateFiles(root))).toEqual([]);
  });

  it("come out the same each time", () => {
    expect([...generateFiles(root)]).toEqual([...generateFiles(root)]);
  });

  it("tell an API server of each kind under the names that people type", () => {
    const names = [...generateFiles(root)]
      .filter(([path]) => path.startsWith("crds/") && path.endsWith(".yaml"))
      .map(([, text]) => {
        const { metadata, spec } = parse(text);
        return [
          metadata.name,
          spec.scope,
          spec.names.shortNames,
          Object.keys(spec.versions[0].subresources ?? {}),
        ];
      });
    expect(names).toEqual([
      ["canaries.serin.dev", "Namespaced", ["cny"], ["status"]],
      ["analysistemplates.serin.dev", "Namespaced", undefined, []],
      ["clusteranalysistemplates.serin.dev", "Cluster", undefined, []],
      ["alertproviders.serin.dev", "Namespaced", undefined, []],
    ]);
  });
});
