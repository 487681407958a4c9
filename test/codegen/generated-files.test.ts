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
    expect(findStale(checkout, generateFiles())).toEqual([]);
  });

  it("are stale when they are missing, edited, or left over", () => {
    const files = generateFiles();
    expect(findStale(root, files)).toEqual([...files.keys()].toSorted());
    expect(writeFiles(root, files)).toHaveLength(files.size);
    expect(findStale(root, files)).toEqual([]);
    writeFileSync(join(root, "crds/canaries.yaml"), "edited");
    writeFileSync(join(root, "crds/left-over.yaml"), "");
    expect(findStale(root, files)).toEqual(["crds/canaries.yaml", "crds/left-over.yaml"]);
  });

  it("are made whole again, and what is left over goes", () => {
    const files = generateFiles();
    writeFiles(root, files);
    writeFileSync(join(root, "docs/reference/names.md"), "edited");
    writeFileSync(join(root, "crds/left-over.yaml"), "");
    writeFiles(root, files);
    expect(findStale(root, files)).toEqual([]);
    expect(readFileSync(join(root, "docs/reference/names.md"), "utf8")).toContain("# Names");
  });

  it("come out the same each time", () => {
    expect([...generateFiles()]).toEqual([...generateFiles()]);
  });

  it("tell an API server of each kind under the names that people type", () => {
    const names = [...generateFiles()]
      .filter(([path]) => path.startsWith("crds/"))
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
