import fc from 'fast-check';
import { runs, searchSeed } from '../search-size.ts';

/**
 * Properties take their seed and their number of runs from the size table. One that fails on something large may be shrunk for hours, which looks like a hang. It ends in time with the
 * counterexample that it has, and with its seed. A property that merely takes long goes on.
 */
fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  seed: searchSeed,
  numRuns: runs(100),
  interruptAfterTimeLimit: 120_000,
  markInterruptAsFailure: true,
});
