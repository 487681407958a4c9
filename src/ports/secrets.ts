/** Reading one Secret by name, when it is needed. Values never appear in logs, status, events or metrics. */
import type { Fact } from "../core/fact.ts";

export interface Secrets {
  /** Decoded data of a Secret; answers may be a minute old. Missing: SecretNotFound. Unknown: could not be read now. */
  read(namespace: string, name: string): Promise<Fact<Readonly<Record<string, string>>>>;
}
