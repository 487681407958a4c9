/** Bounds of everything that notifiers send and wait for. */

/** Longest time that one message may take, from the first byte sent to the answer read. */
export const sendTimeoutMs = 5_000;
/** Most of an answer that is read; Slack's are far shorter. */
export const maxAnswerBytes = 65_536;
/** Longest Retry-After that is believed; a proxy may answer nonsense. */
export const maxRetryAfterMs = 15 * 60_000;
