/** Every bound of the workloads adapter; nothing else in it may name a number of its own. */

/** Templates that the primary had, kept as ControllerRevisions per Canary. */
export const MAX_SAVED_TEMPLATES = 5;
/** Images of one template that are shown. */
export const MAX_IMAGES = 32;
/** Kubernetes' own bound for the value of a label. */
export const MAX_LABEL_VALUE_CHARS = 63;
/** Hexadecimal digits of a template's hash: 64 bits. */
export const TEMPLATE_HASH_DIGITS = 16;
/** Exits other than 0 of one container that make it a crashing one. */
export const CRASH_EXITS = 2;
/** Times in a pod's status are whole seconds, and of one status they may differ by one. */
export const STATUS_CLOCK_STEP_MS = 1_000;
/** What a kubelet or scheduler says of a pod, as far as it is shown. */
export const MAX_TROUBLE_CHARS = 400;
