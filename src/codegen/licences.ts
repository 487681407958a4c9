/** docs/licences.md: what Serin is passed on with, and under which licence each part of it is. */
import { code, row, table } from "./markdown.ts";
import { shippedPackages } from "./shipped-packages.ts";

export function printLicences(lockfile: string): string {
  const packages = shippedPackages(lockfile);
  const licences = [...new Set(packages.map(({ licence }) => licence))].toSorted();
  const count = (licence: string): string =>
    String(packages.filter((one) => one.licence === licence).length);
  return [
    "# Licences",
    "Serin is under the Apache License 2.0 (`LICENSE`). It is built from these packages, which it needs at run time, directly or through others. The image holds what the controller uses of them, with the texts of their licences in `THIRD-PARTY-LICENSES.txt`.",
    table(
      ["Licence", "Packages"],
      licences.map((licence) => row([licence, count(licence)])),
    ),
    table(
      ["Package", "Version", "Licence"],
      packages.map(({ name, version, licence }) => row([code(name), version, licence])),
    ),
  ].join("\n\n");
}
