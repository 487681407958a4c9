/**
 * In which order the files of a run are begun; whoever of the workers is free takes the next. The whole fleet wants
 * much of the machine and goes first, beside what measures no times; then the longest go before the shorter.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

const order = [
  "faults/whole-fleet",
  "conformance/",
  "deploy/",
  "argocd/",
  "faults/api-server",
  "faults/leader",
  "faults/prometheus",
  "mesh/",
  "faults/",
  "scenarios/",
];

export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byPath = files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
    return byPath.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = order.findIndex((part) => moduleId.includes(`/e2e/${part}`));
  return place === -1 ? order.length : place;
}
