/** Lists: selection, order and pages. All pages of one list show the state at the time of its first. */
import { MAX_OPEN_PAGED_LISTS } from "../limits.ts";
import type { Backend, Target } from "./backend.ts";
import { forbiddenField } from "./field-error.ts";
import type { JsonObject } from "./json.ts";
import { both, type Matcher, parseFieldSelector, parseLabelSelector } from "./selectors.ts";
import { badRequest, expired, invalidOption } from "./status-error.ts";

export interface Page {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: number;
  readonly continueToken: string | undefined;
  readonly remaining: number | undefined;
}

interface OpenList {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: number;
}

export function matcherOf(target: Target, query: URLSearchParams): Matcher | undefined {
  const labels = parseLabelSelector(query.get("labelSelector") ?? undefined);
  const fields = parseFieldSelector(
    query.get("fieldSelector") ?? undefined,
    target.type.selectableFields,
  );
  return both(labels, fields);
}

export function select(
  backend: Backend,
  target: Target,
  matches: Matcher | undefined,
): readonly JsonObject[] {
  const namespace = target.namespace === "" ? undefined : target.namespace;
  const objects = backend.store.list(target.type.key, namespace);
  return matches === undefined ? objects : objects.filter(matches);
}

/** All versions are answered with the latest one; what is no version, or cannot be had exactly, is refused. */
function assertVersion(query: URLSearchParams): void {
  const version = query.get("resourceVersion") ?? "";
  if (!/^\d*$/.test(version)) {
    const because = `strconv.ParseUint: parsing "${version}": invalid syntax`;
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: "${version}": ${because}`,
    );
  }
  if (query.get("resourceVersionMatch") !== "Exact" || version !== "0") return;
  const detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
  throw invalidOption("ListOptions", forbiddenField(["resourceVersionMatch"], detail));
}

/** Remembers the lists whose later pages are still to be fetched. */
export class PagedLists {
  readonly #open = new Map<string, OpenList>();
  #opened = 0;

  page(backend: Backend, target: Target, query: URLSearchParams): Page {
    assertVersion(query);
    const limit = Number(query.get("limit") ?? 0);
    if (!Number.isInteger(limit) || limit < 0)
      throw badRequest(`invalid limit "${query.get("limit") ?? ""}"`);
    const token = query.get("continue") ?? "";
    if (token !== "") return this.#next(token, limit);
    const items = select(backend, target, matcherOf(target, query));
    const list = { items, resourceVersion: backend.store.resourceVersion };
    if (limit === 0 || items.length <= limit) {
      return { ...list, continueToken: undefined, remaining: undefined };
    }
    this.#opened += 1;
    return this.#cut(String(this.#opened), list, 0, limit);
  }

  forgetAll(): void {
    this.#open.clear();
  }

  #next(token: string, limit: number): Page {
    const text = Buffer.from(token, "base64url").toString();
    if (!/^\d+:\d+$/.test(text))
      throw badRequest(
        `invalid continue token: continue key is not valid: ${JSON.stringify(text)}`,
      );
    const [id = "", offset = ""] = text.split(":");
    const list = this.#open.get(id);
    if (list === undefined) {
      throw expired(
        "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.",
      );
    }
    return this.#cut(id, list, Number(offset), limit === 0 ? list.items.length : limit);
  }

  #cut(id: string, list: OpenList, offset: number, limit: number): Page {
    const end = offset + limit;
    const remaining = list.items.length - end;
    // Also after its last page: a client may ask for a page again.
    this.#open.delete(id);
    this.#keep(id, list);
    return {
      items: list.items.slice(offset, end),
      resourceVersion: list.resourceVersion,
      continueToken: remaining > 0 ? Buffer.from(`${id}:${end}`).toString("base64url") : undefined,
      remaining: remaining > 0 ? remaining : undefined,
    };
  }

  #keep(id: string, list: OpenList): void {
    this.#open.set(id, list);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN_PAGED_LISTS && oldest !== undefined) this.#open.delete(oldest);
  }
}
