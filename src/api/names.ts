/** The names by which Serin is known on the wire: API group, labels, annotations, managers. */

/** API group of all our kinds. */
export const apiGroup = "serin.dev";
/** `apiVersion` of all our kinds. */
export const apiVersion = "serin.dev/v1alpha1";

/** Label on everything Serin creates; its value is the Canary's name. */
export const canaryLabel = "serin.dev/canary";
/** Annotation on the primary: hash of the pod template that was last promoted to it. */
export const promotedHashAnnotation = "serin.dev/promoted-hash";
// A label: annotations of a Deployment are copied to its ReplicaSets, and come back when somebody rolls it back.
/** Label on the primary while it carries a template that is not promoted to the end: hash of the saved one that it gets back otherwise. */
export const restoreHashLabel = "serin.dev/restore-hash";
/** Annotation on a ControllerRevision: hash of the pod template it saves. */
export const templateHashAnnotation = "serin.dev/template-hash";
/** Label on a ControllerRevision that holds anything but a pod template: what it holds. */
export const revisionOfLabel = "serin.dev/revision-of";

/** Annotation on a Canary that takes a release off at once; its value is the reason. */
export const abortAnnotation = "serin.dev/abort";
/** Annotation on a Canary that gives a command, as JSON. */
export const commandAnnotation = "serin.dev/command";
/** Annotation on a generated routing object: hash of what was asked for when it was written last. */
export const generatedHashAnnotation = "serin.dev/generated-hash";

/** Annotation on an object that selects pods: "true" where it is meant for the new version alone. */
export const canaryOnlyAnnotation = "serin.dev/canary-only";

/** Field manager of every write that Serin makes. */
export const fieldManager = "serin-controller";

/** Finalizer on a Canary: its deletion waits until the workload serves without Serin, or people were told what is left. */
export const canaryFinalizer = "serin.dev/finalizer";

/** Suffix of the primary's name and of its selector label's value. */
export const primarySuffix = "-primary";
/** Suffix of the Service that selects the canary's pods in host form. */
export const canarySuffix = "-canary";
