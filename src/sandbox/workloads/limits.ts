/** Every bound of the simulated workloads, with its unit and the reason for its value. */

/** Pods that one pass over a ReplicaSet creates or deletes; the rest follows in the next pass. As kube-controller-manager. */
export const maxPodsPerPass = 500;

/** Keys of one kind that are worked on at the same time. */
export const reconcileConcurrency = 8;

/** First and longest wait before a failed key is tried again, milliseconds. */
export const retryBaseMs = 50;
export const retryCapMs = 5_000;

/** Old revisions kept when a Deployment does not say. */
export const defaultRevisionHistoryLimit = 10;

/** Longest time between two starts of a container that keeps crashing, milliseconds. As the kubelet. */
export const crashBackOffCapMs = 300_000;

/** Time after which a container that stays up is given a clean slate again, milliseconds. As the kubelet. */
export const crashForgivenAfterMs = 600_000;

/** Longest start that a pod may ask for by annotation, seconds. */
export const maxStartSeconds = 86_400;
