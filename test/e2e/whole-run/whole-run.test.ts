/**
 * What holds for everything that Serin did in this run, whatever the scenarios were: runs after all other files.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type AskedFor, readAudit } from "../support/audit.ts";
import { grantedRights, nameOfRight, unusedRights } from "../support/granted-rights.ts";
import { isMissing } from "../support/is-missing.ts";
import { createShop } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("everything that Serin asked for", () => {
  let suite: Suite;
  let asked: readonly AskedFor[];
  beforeAll(async () => {
    suite = await openSuite();
    // So that there is something to judge when this file runs alone.
    const shop = await createShop(suite.admin, { namespace: "whole-run", replicas: 1 });
    await shop.until("initialised", 60_000, ({ phase }) => phase === "Initialized");
    asked = await readAudit(suite.environment.controlPlane.auditLog);
  });

  it("was within its roles", () => {
    expect(refusedForGood(asked).map(nameOfRequest)).toEqual([]);
    expect(asked.some(({ resource }) => resource === "leases")).toBe(true);
  });

  it("wrote routes that Istio's own webhook allows, each of them", async () => {
    const written = asked.flatMap((request) => request.written ?? []);
    expect(written.length).toBeGreaterThan(0);
    const answers = [];
    for (const object of written) answers.push(await suite.environment.istiod.validate(object));
    expect(answers.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
  });

  it("names the rights that no request made use of", async () => {
    const granted = await grantedRights(suite.admin);
    const unused = unusedRights(granted, asked).map(nameOfRight);
    process.stderr.write(`\nrights not used in this run: ${unused.join(", ") || "none"}\n`);
    // Without these it would not even have begun.
    expect(unused).not.toContain("patch canaries/status.serin.dev");
    expect(unused).not.toContain("patch virtualservices.networking.istio.io");
  });
});

/** Without those of a server that had just been started and not read its roles yet: they were granted at other times. */
function refusedForGood(asked: readonly AskedFor[]): readonly AskedFor[] {
  const right = ({ verb, group, resource, namespace }: AskedFor) =>
    [verb, group, resource, namespace].join(" ");
  const granted = new Set(asked.filter(({ isForbidden }) => !isForbidden).map(right));
  return asked.filter((request) => request.isForbidden && !granted.has(right(request)));
}

function nameOfRequest({ verb, group, resource, namespace, name, code }: AskedFor): string {
  return `${code} ${verb} ${resource}.${group} ${namespace}/${name}`;
}
