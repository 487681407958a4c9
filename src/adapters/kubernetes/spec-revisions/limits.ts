/** Every bound of what is kept of specs. */

/** Specs kept per Canary: the running release's, the one before, and one that was begun and superseded. */
export const MAX_SPEC_REVISIONS = 3;
/** Largest kept spec with its templates, in characters of JSON; etcd takes objects of about 1.5 MB. */
export const MAX_SPEC_CHARS = 1_000_000;
/** Specs that were looked for in vain, remembered over all Canaries. */
export const MAX_GONE_REVISIONS = 256;
/** Hexadecimal digits of the content's hash in a name: 128 bits, so that nobody finds another content for it. */
export const SPEC_HASH_DIGITS = 32;
/** Kubernetes' own bound for the name of an object. */
export const MAX_NAME_CHARS = 253;
