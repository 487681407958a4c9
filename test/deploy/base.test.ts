import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Config, flagName, parseConfig } from "../../src/config.ts";
import type { PolicyRule } from "../support/access-review.ts";
import { schemaProblem } from "../support/kubernetes-schemas.ts";
import { findManifest, readManifests } from "../support/manifests.ts";

const all = readManifests("deploy/base");
const kustomization = findManifest(all, "Kustomization");
const base = all.filter(({ object }) => object.kind !== "Kustomization");
const access = readManifests("deploy/examples/secret-access");

describe("the kustomize base", () => {
  it("lists every file of its folder, and nothing that is not there", () => {
    const files = new Set(base.map(({ file }) => file.replace("deploy/base/", "")));
    expect(kustomization.resources.toSorted()).toEqual(["../../crds", ...files].toSorted());
    const crds = fileURLToPath(new URL("../../crds/Kustomization", import.meta.url));
    expect(existsSync(crds)).toBe(true);
  });

  it.each([...base, ...access])(
    "is valid to Kubernetes' own schema ($object.kind in $file)",
    (manifest) => {
      expect(schemaProblem(manifest)).toBeUndefined();
    },
  );

  it("binds roles to the account that the controller runs under", () => {
    const { spec } = findManifest(base, "Deployment").spec.template;
    for (const { object } of [...base, ...access]) {
      if (!object.kind.endsWith("RoleBinding")) continue;
      expect(object.subjects).toEqual([
        {
          kind: "ServiceAccount",
          name: spec.serviceAccountName,
          namespace: kustomization.namespace,
        },
      ]);
    }
  });

  it("has selectors that find the controller's pods and no others", () => {
    const { selector, template } = findManifest(base, "Deployment").spec;
    const own = selector.matchLabels;
    expect(template.metadata.labels).toMatchObject(own);
    expect(findManifest(base, "Service").spec.selector).toEqual(own);
    expect(findManifest(base, "PodDisruptionBudget").spec.selector.matchLabels).toEqual(own);
    expect(findManifest(base, "NetworkPolicy").spec.podSelector.matchLabels).toEqual(own);
  });

  it("has two replicas, of which an eviction leaves one", () => {
    expect(findManifest(base, "Deployment").spec.replicas).toBe(2);
    expect(findManifest(base, "PodDisruptionBudget").spec.maxUnavailable).toBe(1);
  });

  it("gives the controller settings that it knows, and leaves it every namespace to work in", () => {
    const { env, args, ports } = findManifest(base, "Deployment").spec.template.spec.containers[0];
    const own: { readonly name: string }[] = env.filter(({ name }: { readonly name: string }) =>
      name.startsWith("SERIN_"),
    );
    const known = Object.keys(Config.shape).map(
      (name) => `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`,
    );
    expect(own.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
    expect(own.map(({ name }) => name)).toContain("SERIN_OWN_NAMESPACE");
    expect(own.map(({ name }) => name)).not.toContain("SERIN_NAMESPACE");
    expect(args).toEqual(["controller"]);
    expect(ports).toEqual([{ name: "http", containerPort: parseConfig({}, {}).healthPort }]);
  });

  it("runs with nothing that a restricted namespace refuses", () => {
    const { spec } = findManifest(base, "Deployment").spec.template;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(spec).not.toHaveProperty("hostNetwork");
    expect(spec).not.toHaveProperty("volumes");
  });
});

describe("the controller's rights", () => {
  const cluster: readonly PolicyRule[] = findManifest(base, "ClusterRole").rules;
  const own: readonly PolicyRule[] = findManifest(base, "Role").rules;
  const granted: readonly PolicyRule[] = findManifest(access, "Role").rules;

  it("use no wildcard anywhere", () => {
    const words = [...cluster, ...own, ...granted].flatMap((rule) => [
      ...rule.apiGroups,
      ...rule.resources,
      ...rule.verbs,
    ]);
    expect(words.filter((word) => word.includes("*"))).toEqual([]);
  });

  it("include no Secret but its own namespace's, and in others only by name", () => {
    expect(cluster.filter(({ resources }) => resources.includes("secrets"))).toEqual([]);
    expect(own.find(({ resources }) => resources.includes("secrets"))?.verbs).toEqual(["get"]);
    expect(granted).toEqual([
      {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["slack-releases"],
        verbs: ["get"],
      },
    ]);
  });

  it("delete nothing but primaries, saved templates and generated routes, and write no more than a finalizer on its own kinds", () => {
    const deleting = [...cluster, ...own].filter(({ verbs }) =>
      verbs.some((verb) => /delete/.test(verb)),
    );
    expect(deleting.map(({ resources }) => resources)).toEqual([
      ["deployments"],
      ["controllerrevisions"],
      ["virtualservices"],
      ["destinationrules"],
    ]);
    const writing = cluster.filter(
      ({ apiGroups, verbs: of }) =>
        apiGroups.includes("serin.dev") && of.some((verb) => /create|update|patch/.test(verb)),
    );
    expect(writing.map(({ resources }) => resources)).toEqual([["canaries"], ["canaries/status"]]);
  });

  it("give no way to more rights", () => {
    const risky =
      /^(roles|clusterroles|rolebindings|clusterrolebindings|serviceaccounts|pods\/exec|nodes)$/;
    const writable = cluster.filter(({ resources }) => resources.some((name) => risky.test(name)));
    expect(writable).toEqual([]);
    const verbs = [...cluster, ...own].flatMap((rule) => rule.verbs);
    expect(verbs.filter((verb) => /escalate|bind|impersonate/.test(verb))).toEqual([]);
  });
});
