/**
 * Field managers by which GitOps and deployment tools write what is in git. Whoever is not among them, and is not Serin,
 * is taken for a person.
 */
import { fieldManager } from "../../api/names.ts";

export type WriterKind = "Serin" | "GitOps" | "Hand";

/** Argo CD, Flux, Fleet, Config Sync, kapp, Helm and infrastructure tools, by the names under which they write. */
const gitOpsManagers: ReadonlySet<string> = new Set([
  "argocd-controller",
  "argocd-application-controller",
  "argocd-server",
  "kustomize-controller",
  "helm-controller",
  "flux",
  "fleet-agent",
  "fleetagent",
  "configsync.gke.io",
  "reconciler",
  "kapp",
  "helm",
  "terraform",
  "Terraform",
  "pulumi",
]);

/** Whose writes these are. */
export function kindOfWriter(manager: string): WriterKind {
  if (manager === fieldManager) return "Serin";
  return gitOpsManagers.has(manager) ? "GitOps" : "Hand";
}
