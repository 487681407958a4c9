/** Reads a whole list, page by page. Decides what to do when the server forgets the list in between. */
import { RetryableError } from "../../ports/errors.ts";
import { isGone } from "./api-error.ts";
import { LIST_PAGE_SIZE, MAX_LIST_PAGES } from "./limits.ts";
import { isRawObject, isRecord, type RawObject } from "./raw-object.ts";
import type { Transport } from "./transport.ts";

export interface ListRequest {
  readonly transport: Transport;
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Longest exchange for one page; left out: that of the transport. */
  readonly timeoutMs?: number;
}

export interface ObjectList {
  readonly items: readonly RawObject[];
  readonly resourceVersion: string;
}

/**
 * All objects as of one version. Throws what the transport throws, and RetryableError `BadResponse`. A continue
 * token that expired is answered by reading the list again in one piece, which cannot expire.
 */
export async function listAll(request: ListRequest): Promise<ObjectList> {
  const first = await readPage(request, { limit: LIST_PAGE_SIZE });
  try {
    return await readRest(request, first);
  } catch (error) {
    if (!isGone(error)) throw error;
    return readPage(request, {});
  }
}

interface Page extends ObjectList {
  readonly next: string | undefined;
}

async function readRest(request: ListRequest, first: Page): Promise<ObjectList> {
  const items = [...first.items];
  let { next, resourceVersion } = first;
  for (let pages = 1; next !== undefined; pages += 1) {
    if (pages >= MAX_LIST_PAGES) throw bad(request, "has no end");
    const page: Page = await readPage(request, { limit: LIST_PAGE_SIZE, continue: next });
    for (const item of page.items) items.push(item);
    ({ next, resourceVersion } = page);
  }
  return { items, resourceVersion };
}

async function readPage(
  { transport, path, query, signal, timeoutMs }: ListRequest,
  paging: Readonly<Record<string, string | number>>,
): Promise<Page> {
  const answer = await transport.request({
    method: "GET",
    path,
    query: { ...query, ...paging },
    signal,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  const metadata = isRecord(answer) ? answer.metadata : undefined;
  if (!isRecord(answer) || !isRecord(metadata)) throw bad({ path }, "is no list");
  const { resourceVersion } = metadata;
  if (typeof resourceVersion !== "string") throw bad({ path }, "has no resourceVersion");
  const next = metadata.continue;
  return {
    items: itemsOf(answer, path),
    resourceVersion,
    next: typeof next === "string" && next !== "" ? next : undefined,
  };
}

/** Items of a list leave out what the list says once for all of them. */
function itemsOf(list: Readonly<Record<string, unknown>>, path: string): RawObject[] {
  // A list of nothing may come as null.
  const items: readonly unknown[] = Array.isArray(list.items) ? list.items : [];
  const shared = {
    ...(typeof list.apiVersion === "string" ? { apiVersion: list.apiVersion } : {}),
    ...(typeof list.kind === "string" ? { kind: list.kind.replace(/List$/, "") } : {}),
  };
  return items.map((item) => {
    if (!isRawObject(item)) throw bad({ path }, "holds something that is no object");
    return item.kind === undefined ? { ...shared, ...item } : item;
  });
}

const bad = ({ path }: { readonly path: string }, what: string): RetryableError =>
  new RetryableError("BadResponse", `the list of ${path} ${what}`);
