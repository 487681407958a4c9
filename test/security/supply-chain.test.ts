/** What is shipped beside our own code: under which licences, and all of it told. */
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { bundle } from "../../src/codegen/bundle.ts";
import { printLicences } from "../../src/codegen/licences.ts";
import { sbomOf } from "../../src/codegen/sbom.ts";
import { labelOf, shippedPackages } from "../../src/codegen/shipped-packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const [manifest, lockfile] = [read("package.json"), read("package-lock.json")];
const packages = shippedPackages(lockfile);

/** Licences under which a part may be passed on inside of something else, without any duty but to name it. */
const permissive = new Set([
  "MIT",
  "ISC",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "PSF-2.0",
  "Unlicense",
  "0BSD",
]);

/** As CycloneDX 1.5 asks for it, as far as it is used. */
const Bom = z.strictObject({
  $schema: z.literal("http://cyclonedx.org/schema/bom-1.5.schema.json"),
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.literal("1.5"),
  serialNumber: z
    .string()
    .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  version: z.int().min(1),
  metadata: z.looseObject({
    component: z.looseObject({ "bom-ref": z.string(), name: z.literal("serin") }),
  }),
  components: z.array(
    z.strictObject({
      type: z.literal("library"),
      "bom-ref": z.string(),
      group: z.string().startsWith("@").optional(),
      name: z.string().regex(/^[^@/]+$/),
      version: z.string().regex(/^\d+\.\d+\.\d+/),
      purl: z.string().regex(/^pkg:npm\/(%40[^@/]+\/)?[^@/]+@[^@]+$/),
      licenses: z
        .array(
          z.union([
            z.strictObject({ license: z.strictObject({ id: z.string() }) }),
            z.strictObject({ expression: z.string() }),
          ]),
        )
        .length(1),
      hashes: z
        .array(
          z.strictObject({
            alg: z.literal("SHA-512"),
            content: z.string().regex(/^[0-9a-f]{128}$/),
          }),
        )
        .length(1),
    }),
  ),
  dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

describe("the packages that are shipped", () => {
  let bundled: readonly string[] = [];
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "serin-bundle-"));
    await bundle(folder);
    const texts = await readFile(join(folder, "THIRD-PARTY-LICENSES.txt"), "utf8");
    bundled = [
      ...texts.matchAll(
        /(?:^|-{80}\n)(?<name>(?:@[^/\s]+\/)?[^/\s@]+) (?<version>\d+\.\d+\.\d+\S*): /g,
      ),
    ].map(({ groups }) =>
      labelOf({ name: groups?.["name"] ?? "", version: groups?.["version"] ?? "" }),
    );
    await rm(folder, { recursive: true });
  }, 60_000);

  it("are those that the bundle holds, and what these could ask for", () => {
    expect(bundled.length).toBeGreaterThan(15);
    const known = new Set(packages.map(labelOf));
    expect(bundled.filter((label) => !known.has(label))).toEqual([]);
  });

  it("have licences that let Serin be passed on as it is", () => {
    expect(packages.filter(({ licence }) => !permissive.has(licence)).map(labelOf)).toEqual([]);
  });

  it("are listed as they are in the lockfile", () => {
    expect(read("docs/licences.md")).toContain(printLicences(lockfile));
    expect(
      packages.filter(({ integrity }) => !integrity.startsWith("sha512-")).map(labelOf),
    ).toEqual([]);
    for (const { name, licence } of packages.slice(0, 20))
      expect(JSON.parse(read(`node_modules/${name}/package.json`)).license).toBe(licence);
  });

  it("are all in the bill of materials, by name and version", () => {
    const { components } = Bom.parse(sbomOf(manifest, lockfile));
    const listed = new Set(components.map((one) => one["bom-ref"]));
    expect(listed.size).toBe(components.length);
    expect(bundled.filter((label) => !listed.has(label))).toEqual([]);
    expect([...listed].toSorted()).toEqual([...new Set(packages.map(labelOf))].toSorted());
  });

  it("are wanted by somebody: the bill's references lead from Serin to each of them", () => {
    const { components, dependencies, metadata } = Bom.parse(sbomOf(manifest, lockfile));
    const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set([metadata.component["bom-ref"]]);
    for (const ref of reached) for (const next of needs.get(ref) ?? []) reached.add(next);
    expect(components.map((one) => one["bom-ref"]).filter((ref) => !reached.has(ref))).toEqual([]);
    expect([...reached].filter((ref) => !needs.has(ref))).toEqual([]);
  });
});

describe("the lockfile", () => {
  it("names what it locks by version and hash, and no server to take it from", () => {
    const { packages: all } = JSON.parse(lockfile);
    const entries = Object.entries<Record<string, unknown>>(all).filter(([path]) => path !== "");
    const odd = entries.filter(
      ([, one]) => one["resolved"] !== undefined || typeof one["integrity"] !== "string",
    );
    expect(odd.map(([path]) => path)).toEqual([]);
    const { dependencies, devDependencies } = JSON.parse(manifest);
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
