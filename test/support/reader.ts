import { afterAll } from 'vitest';
import { defaultLimits, type Limits } from '../../src/core/limits.ts';
import { ReaderPool } from '../../src/parsing/reader-pool.ts';

/** Real readers, which end with the tests of the file. */
export function readerIn(stagingDir: string, limits: Limits = defaultLimits): ReaderPool {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const reader = new ReaderPool({ limits, stagingDir, log });
  afterAll(() => reader.close());
  return reader;
}
