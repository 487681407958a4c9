/** The packages that the controller needs at run time, directly or through others, as the lockfile has them. */
import { z } from "zod";

const Names = z.record(z.string(), z.string()).default({});
const Entry = z.object({
  version: z.string().default(""),
  license: z.string().default(""),
  integrity: z.string().default(""),
  dev: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  dependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
});
const Lockfile = z.object({ packages: z.record(z.string(), Entry) });

export interface ShippedPackage {
  /** Where npm puts it: `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** SPDX expression; "" where the lockfile has none. */
  readonly licence: string;
  /** `sha512-…`, base64. */
  readonly integrity: string;
  /** Names of the packages that it asks for. */
  readonly needs: readonly string[];
}

/** By name and version; the package itself, which has no path, is not among them. */
export function shippedPackages(lockfile: string): readonly ShippedPackage[] {
  const { packages } = Lockfile.parse(JSON.parse(lockfile));
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
    .map(([path, { version, license, integrity, ...entry }]) => ({
      path,
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      licence: license,
      integrity,
      needs: Object.keys({
        ...entry.dependencies,
        ...entry.optionalDependencies,
        ...entry.peerDependencies,
      }),
    }))
    .toSorted((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1));
}

export function labelOf({ name, version }: Pick<ShippedPackage, "name" | "version">): string {
  return `${name}@${version}`;
}
