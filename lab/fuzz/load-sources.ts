import { defined } from '../../src/core/defined.ts';
import type { CompiledReaders } from '../../src/recognise/compiled-readers.ts';
import { type ConverterPackage, loadConverters } from '../../src/recognise/registry.ts';
import { fixturesOfAll } from '../../src/tools/contract/contract.ts';
import type { FuzzTask } from './fuzz-task.ts';
import type { Sources } from './generate.ts';
import { sourcesOf } from './seeds.ts';

/** What both the parent and the child make inputs of. @param compiled - where the child finds built-in readers */
export async function loadSources(
  { target, extra }: Pick<FuzzTask, 'target' | 'extra'>,
  compiled?: CompiledReaders,
): Promise<{ readonly all: readonly ConverterPackage[]; readonly sources: Sources }> {
  const all = await loadConverters({
    enableFake: true,
    ...defined({ extra }),
    ...defined({ compiled, builtIn: compiled?.packages }),
  });
  return { all, sources: await sourcesOf(target, await fixturesOfAll(all)) };
}
