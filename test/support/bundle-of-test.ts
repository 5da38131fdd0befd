import { join } from 'node:path';
import { cachedBundle } from '../../scripts/bundle.mjs';

/** Path of a program of the tests, bundled as those of the service are. @param source from the root of the repository */
export async function bundleOfTest(source: string): Promise<string> {
  return join(await cachedBundle({ program: source }), 'program.js');
}
