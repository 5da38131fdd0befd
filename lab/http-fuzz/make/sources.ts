import type { NamedBytes } from '../../../src/tools/contract/fixtures.ts';
import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';
import type { Learnt } from '../learnt.ts';

/** What requests are made from. */
export interface Sources {
  readonly numbers: SeededNumbers;
  readonly learnt: Learnt;
  /** Roles that there are keys of. */
  readonly roles: readonly string[];
  /** Scans as scanners write them. */
  readonly files: readonly NamedBytes[];
  readonly dicomFiles: readonly NamedBytes[];
}
