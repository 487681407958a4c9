/** The scripts for Argo CD in the interpreter that Argo CD uses. Needs no server. */
import { describe } from "vitest";
import { describeArgocd } from "../../support/argocd/describe-argocd.ts";
import { findComponent } from "../setup/components.ts";
import { runGlua } from "../support/glua.ts";

const isMissing = findComponent("glua") === undefined;
if (isMissing) process.stderr.write("\nSKIPPED for want of glua: npm run test:e2e:setup\n");

describe.skipIf(isMissing)("in gopher-lua", () => {
  describeArgocd(runGlua);
});
