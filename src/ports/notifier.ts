/** Telling people. A notifier sends one message to one provider, once, and says how it went. */
import type { AlertProviderSpec } from "../api/alert-provider.ts";
import type { OutboxEntry } from "../api/canary-status.ts";

/** One status transition to tell, and whose it is. */
export interface Message {
  readonly entry: OutboxEntry;
  readonly namespace: string;
  readonly canary: string;
}

/** How an attempt to tell went; every outcome is a value. */
export type Delivery =
  | { readonly kind: "Delivered" }
  /** Try again, not before `afterMs` if given. */
  | { readonly kind: "Failed"; readonly because: string; readonly afterMs?: number }
  /** Trying again cannot help until the provider is changed (bad token, missing Secret). */
  | { readonly kind: "Refused"; readonly because: string };

export interface Notifier {
  /** Never throws. `namespace` is where the provider's Secrets are. Bounded in time by its own timeout. */
  send(provider: AlertProviderSpec, namespace: string, message: Message): Promise<Delivery>;
}
