/** In which order the files of a run go: by their paths, and what judges the whole run at its end. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLast = ({ moduleId }: TestSpecification) => moduleId.includes("/e2e/whole-run/");
    const byPath = files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
    return [...byPath.filter((file) => !isLast(file)), ...byPath.filter(isLast)];
  }
}
