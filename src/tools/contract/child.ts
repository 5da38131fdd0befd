import { compiledBeside } from '../../recognise/compiled-readers.ts';
import { type ConverterPackage, loadPackage, loadReader } from '../../recognise/registry.ts';
import { answerParent } from '../../runtime/children/answer-parent.ts';
import { type ContractResult, fixturesOfAll, runContract } from './contract.ts';
import type { ContractProgress, ContractTask } from './contract-task.ts';

/** The process that holds a package to the contract: what it is asked comes from guarded.ts. */

const compiled = compiledBeside(process.argv);

async function run(
  { folder, others, effort }: ContractTask,
  tell: (progress: ContractProgress) => void,
): Promise<ContractResult> {
  const converter = await loadPackage(folder, compiled);
  await loadReader(converter); // one that cannot be loaded is no package
  const installed = await Promise.all(others.map((other) => loadPackage(other, compiled)));
  // The one that is tested stands for an installed one of its name, which it may be the next version of
  const beside = installed.filter(({ manifest }) => manifest.id !== converter.manifest.id);
  const all: readonly ConverterPackage[] = [converter, ...beside];
  const fixtures = await fixturesOfAll(all);
  const progress = (claim: string, what: string, inputs: number) => tell({ claim, what, inputs });
  return runContract({ converter, all, fixtures, effort, progress });
}

answerParent((task, progress) => run(task as ContractTask, progress)); // our own parent sends it
