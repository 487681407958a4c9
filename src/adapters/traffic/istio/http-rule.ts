/** Finds the HTTP rules that a Canary names in a VirtualService, and refuses kinds of rules that Serin cannot divide. */
import { known } from "../../../core/fact.ts";
import type { HttpRule, VirtualServiceView } from "./decode.ts";
import { type Found, listNames, refuse, withYaml } from "./refusal.ts";

/** A rule and its place in `spec.http`. */
export interface PlacedRule {
  readonly index: number;
  readonly rule: HttpRule;
}

export function nameOfObject({ metadata }: VirtualServiceView): string {
  return `VirtualService ${metadata.namespace}/${metadata.name}`;
}

export function nameOfRule(object: VirtualServiceView, { name }: HttpRule): string {
  return `${nameOfObject(object)}, ${name === undefined ? "its HTTP rule" : `HTTP rule "${name}"`}`;
}

/** The rules of these names, each of which must be unique, or the only rule there is when none is named. */
export function findHttpRules(
  object: VirtualServiceView,
  names: readonly string[] | undefined,
): Found<readonly PlacedRule[]> {
  const { hosts, http } = object.spec;
  if (hosts.length === 0) {
    return refuse(
      "Unsupported",
      `${nameOfObject(object)} has no hosts: it is a delegate, which Serin cannot work with yet`,
    );
  }
  if (http.length === 0) return refuse("RouteNotFound", withoutHttp(object));
  const found: PlacedRule[] = [];
  for (const name of names ?? [undefined]) {
    const placed = name === undefined ? theOnlyRule(object) : ruleNamed(object, name);
    if (placed.kind === "Missing") return placed;
    const problem = problemOf(placed.value.rule);
    if (problem !== undefined) {
      return refuse("Unsupported", `${nameOfRule(object, placed.value.rule)} ${problem}`);
    }
    found.push(placed.value);
  }
  return known(found);
}

function withoutHttp(object: VirtualServiceView): string {
  const { tls, tcp } = object.spec;
  const has = tls.length + tcp.length > 0 ? "TLS and TCP rules only" : "no rules";
  return `${nameOfObject(object)} has ${has}; Serin divides the requests of HTTP rules: add one under spec.http`;
}

function theOnlyRule(object: VirtualServiceView): Found<PlacedRule> {
  const { http } = object.spec;
  const [rule] = http;
  if (rule !== undefined && http.length === 1) return known({ index: 0, rule });
  return refuse(
    "RouteNotFound",
    withYaml(
      `${nameOfObject(object)} has ${http.length} HTTP rules (${namesIn(object)}); say in the Canary which one Serin ` +
        "may change, and give that rule the name:",
      {
        routing: {
          istio: { virtualServices: [{ name: object.metadata.name, routes: ["primary"] }] },
        },
      },
    ),
  );
}

function ruleNamed(object: VirtualServiceView, name: string): Found<PlacedRule> {
  const placed = object.spec.http.flatMap((rule, index) =>
    rule.name === name ? [{ index, rule }] : [],
  );
  const [first] = placed;
  if (first !== undefined && placed.length === 1) return known(first);
  const count = placed.length === 0 ? "no HTTP rule" : `${placed.length} HTTP rules`;
  const fix = placed.length === 0 ? `name one of its rules "${name}"` : "make the name unique";
  return refuse(
    "RouteNotFound",
    `${nameOfObject(object)} has ${count} named "${name}" (it has ${namesIn(object)}); ${fix}, or name another in spec.routing`,
  );
}

function namesIn({ spec }: VirtualServiceView): string {
  return listNames(spec.http.map(({ name }) => (name === undefined ? "one without a name" : name)));
}

function problemOf(rule: HttpRule): string | undefined {
  if (rule.delegate !== undefined) {
    return "delegates to another VirtualService, which Serin cannot work with yet";
  }
  if (rule.redirect !== undefined || rule.directResponse !== undefined) {
    return "answers by itself (redirect or directResponse): it has no traffic to divide";
  }
  if (rule.route.length > 2) {
    return `has ${rule.route.length} destinations; Serin divides between two, the primary's and the canary's`;
  }
  return undefined;
}
