/**
 * `npm run sbom`: a bill of materials of what is shipped, CycloneDX 1.5 as JSON, on standard output; the same for the same
 * lockfile. By npm's own list packages that development needs too would be missing.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { labelOf, type ShippedPackage, shippedPackages } from "./shipped-packages.ts";

/** https://cyclonedx.org/docs/1.5/json/ */
export function sbomOf(manifest: string, lockfile: string): unknown {
  const { name, version, license, description, dependencies } = JSON.parse(manifest);
  const packages = shippedPackages(lockfile);
  const own = `${name}@${version}`;
  const about = { type: "application", "bom-ref": own, name, version, description };
  const licenses = [{ license: { id: license } }];
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${uuidOf(lockfile)}`,
    version: 1,
    metadata: { component: { ...about, purl: `pkg:npm/${own}`, licenses } },
    components: uniqueByLabel(packages).map(componentOf),
    dependencies: [
      { ref: own, dependsOn: refsOf("", Object.keys(dependencies), packages) },
      ...uniqueByLabel(packages).map((one) => ({
        ref: labelOf(one),
        dependsOn: refsOf(one.path, one.needs, packages),
      })),
    ],
  };
}

function uniqueByLabel(packages: readonly ShippedPackage[]): readonly ShippedPackage[] {
  return [...new Map(packages.map((one) => [labelOf(one), one])).values()];
}

function componentOf(one: ShippedPackage) {
  const { name, version, licence, integrity } = one;
  const [, group, short = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const [algorithm = "", digest = ""] = integrity.split("-");
  return {
    type: "library",
    "bom-ref": labelOf(one),
    ...(group !== undefined && { group }),
    name: short,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    licenses: [isExpression(licence) ? { expression: licence } : { license: { id: licence } }],
    ...(algorithm === "sha512" && {
      hashes: [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }],
    }),
  };
}

const isExpression = (licence: string): boolean => / |\(/.test(licence);

/** As Node finds them: in the package's own folder, or in one of those around it. */
function refsOf(
  path: string,
  needs: readonly string[],
  packages: readonly ShippedPackage[],
): readonly string[] {
  const byPath = new Map(packages.map((one) => [one.path, one]));
  const find = (name: string): ShippedPackage | undefined => {
    for (
      let folder = path;
      ;
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))
    ) {
      const found = byPath.get(join(folder, "node_modules", name));
      if (found !== undefined || folder === "") return found;
    }
  };
  const found = needs.flatMap((name) => find(name) ?? []);
  return [...new Set(found.map(labelOf))].toSorted();
}

/** Told by the content, in the form that the format asks for. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  console.log(
    JSON.stringify(sbomOf(read("package.json"), read("package-lock.json")), undefined, 2),
  );
}
