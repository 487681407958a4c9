/** What every write of the adapter needs: the API server, and the caches that learn its answers. */
import type { Transport } from "../../kubernetes/transport.ts";
import type { IstioReads } from "./reads.ts";

export interface WriteDeps {
  readonly transport: Transport;
  readonly reads: IstioReads;
}
