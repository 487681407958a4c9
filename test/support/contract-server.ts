/**
 * The API server that the contract suites of the ports run on: the embedded one, unless the end-to-end tests put a real
 * one in its place.
 */
import type { Clock } from "../../src/ports/clock.ts";
import { type ApiServer, createApiServer } from "../../src/sandbox/api-server/api-server.ts";

/** Of an API server, what a contract may count on. */
export type ContractServer = Pick<ApiServer, "fetch">;

export interface Replacement {
  /** A server that nobody else writes to, as far as the suite can tell. */
  open(): ContractServer;
  /** Resolves when no answer and no watch event is on its way. */
  settle(): Promise<void>;
}

declare global {
  // A const is no property of globalThis.
  var contractServers: Replacement | undefined;
}

export function createContractServer(options: { readonly clock: Clock }): ContractServer {
  return globalThis.contractServers?.open() ?? createApiServer(options);
}

/** For waiting in tests; nothing to wait for where the server is embedded. */
export async function settleContractServer(): Promise<void> {
  await globalThis.contractServers?.settle();
}
