/** Every scenario, in the order of the tables. */
import { badScenarios } from "./bad-scenarios.ts";
import { healthyScenarios } from "./healthy-scenarios.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [...healthyScenarios, ...badScenarios];

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
