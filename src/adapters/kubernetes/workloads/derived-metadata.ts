/**
 * Metadata of an object that Serin derives from a user's: theirs, without what makes a GitOps tool, a package
 * manager or a controller take the copy for the original. Pod templates keep everything.
 */
import { canaryLabel } from "../../../api/names.ts";
import { isRecord, type RawObject } from "../raw-object.ts";

/** Prefixes of labels and annotations by which tools know their objects. */
const trackingPrefixes = [
  "argocd.argoproj.io/",
  "kustomize.toolkit.fluxcd.io/",
  "helm.toolkit.fluxcd.io/",
  "meta.helm.sh/",
  "helm.sh/",
  "config.kubernetes.io/",
  "internal.config.kubernetes.io/",
  "kustomize.config.k8s.io/",
  "applyset.kubernetes.io/",
  "kapp.k14s.io/",
  "objectset.rio.cattle.io/",
  "fleet.cattle.io/",
  "configsync.gke.io/",
  "configmanagement.gke.io/",
  "deployment.kubernetes.io/",
] as const;

const trackingNames: ReadonlySet<string> = new Set([
  "app.kubernetes.io/instance",
  "app.kubernetes.io/managed-by",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

export interface DerivedMetadata {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** No ownerReferences: what carries live traffic must not go when a Canary goes. */
export function deriveMetadata(from: RawObject, name: string, canary: string): DerivedMetadata {
  const { namespace, labels, annotations } = from.metadata;
  return {
    name,
    namespace,
    labels: { ...withoutTracking(labels), [canaryLabel]: canary },
    annotations: withoutTracking(annotations),
  };
}

function withoutTracking(entries: unknown): Readonly<Record<string, string>> {
  if (!isRecord(entries)) return {};
  return Object.fromEntries(
    Object.entries(entries).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && !isTracking(entry[0]),
    ),
  );
}

function isTracking(name: string): boolean {
  return trackingNames.has(name) || trackingPrefixes.some((prefix) => name.startsWith(prefix));
}
