/** Every bound of the commands, in one place. */

/** How long `serin wait` takes a thing that is not there for one that is about to be applied. */
export const ARRIVAL_GRACE_MS = 15_000;
/** After this time without a look by the controller, `serin wait` asks whether there is one. */
export const SILENCE_HINT_MS = 30_000;
/** How long a command waits for the controller's answer. */
export const ANSWER_TIMEOUT_MS = 10_000;
