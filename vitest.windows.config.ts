import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** First of all it is said which programs are driven; then the order is that of the names. */
class ProgramsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      moduleId.endsWith('programs.story.ts') ? '' : moduleId;
    return files.toSorted((one, other) => (place(one) < place(other) ? -1 : 1));
  }
}

export default defineConfig({
  test: {
    include: ['tests/windows/**/*.story.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each story drives a machine of its own; two cores carry one at a time.
    maxWorkers: 1,
    fileParallelism: false,
    sequence: { sequencer: ProgramsFirst },
  },
});
