import { createHash } from 'node:crypto';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take more than 40 s: begun late, they would run alone at the end, beside an idle worker. */
const longest: readonly string[] = [
  'medium/kill.test.ts',
  'medium/fuzz/http-fuzz.test.ts',
  'medium/embedded-postgres.test.ts',
  'medium/attacks.test.ts',
  'medium/offline/bundle.test.ts',
  'medium/point-in-time.test.ts',
  'medium/many/failover.test.ts',
  'medium/radiation/joins.test.ts',
  'medium/page/everyone.test.ts',
  'medium/page/pixel-truth.test.ts',
  'medium/page/measures.test.ts',
  'medium/page/compare.test.ts',
  'medium/page/roles.test.ts',
  'service/http/fuzz/fuzz-oracle.test.ts',
  'service/http/tenants/tenants.test.ts',
  'service/kit/hostile.test.ts',
  'service/runtime/children.test.ts',
  'service/convert/contract.test.ts',
];

/** The slowest project first, so that small files fill the end. A worker keeps its modules within a project. */
const projects: readonly string[] = ['medium', 'service', 'unit'];

/** By project, the longest files before the others, and each group in an order that the seed draws. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { seed } = this.ctx.config.sequence;
    const drawn = (file: TestSpecification) =>
      createHash('sha256').update(`${seed} ${file.project.name} ${file.moduleId}`).digest('hex');
    const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.endsWith(name));
    const key = (file: TestSpecification) =>
      `${projects.indexOf(file.project.name)} ${isLong(file) ? 0 : 1} ${drawn(file)}`;
    return files.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }
}
