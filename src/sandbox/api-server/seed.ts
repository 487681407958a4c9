/** What a new cluster contains before anybody writes to it. */
import type { Backend } from "./backend.ts";
import { createObject } from "./create.ts";

const INITIAL_NAMESPACES = ["default", "kube-system"];

export function seedNamespaces(backend: Backend): void {
  const type = backend.registry.get("namespaces");
  const version = type?.versions[0];
  if (type === undefined || version === undefined) return;
  const collection = { type, version, namespace: "", name: "", subresource: undefined };
  for (const name of INITIAL_NAMESPACES) {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    createObject(backend, collection, body, {
      dryRun: false,
      manager: "api-server",
      fieldValidation: "Ignore",
      isPatch: false,
    });
  }
}
