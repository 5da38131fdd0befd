import { type Problem, problemOf } from '../../core/errors.ts';
import { type ConverterPackage, loadPackage } from '../../recognise/registry.ts';
import type { Effort } from './claims.ts';
import { type ContractResult, fixturesOfAll, runContract } from './contract.ts';

/** What the parent asks of the child process. */
export interface ContractTask {
  /** Folder of the package that is held to the contract. */
  readonly folder: string;
  /** Folders of the packages that are installed beside it. */
  readonly others: readonly string[];
  readonly effort: Effort;
}

/** What the child says: what it is about to try, and in the end what came of it. */
export type ContractNews =
  | { readonly kind: 'trying'; readonly claim: string; readonly what: string; readonly inputs: number }
  | { readonly kind: 'done'; readonly result: ContractResult }
  | { readonly kind: 'problem'; readonly problem: Problem };

async function run({ folder, others, effort }: ContractTask): Promise<ContractNews> {
  try {
    const converter = await loadPackage(folder);
    const installed = await Promise.all(others.map(loadPackage));
    // The one that is tested stands for an installed one of its name, which it may be the next version of
    const beside = installed.filter(({ manifest }) => manifest.id !== converter.manifest.id);
    const all: readonly ConverterPackage[] = [converter, ...beside];
    const fixtures = await fixturesOfAll(all);
    const progress = (claim: string, what: string, inputs: number) =>
      tell({ kind: 'trying', claim, what, inputs });
    return { kind: 'done', result: await runContract({ converter, all, fixtures, effort, progress }) };
  } catch (error) {
    return { kind: 'problem', problem: problemOf(error) };
  }
}

function tell(news: ContractNews): void {
  process.send?.(news);
}

/** Only where a parent listens: importing this module for its types starts nothing. */
if (process.send !== undefined && process.env.NII_CONTRACT_CHILD === '1') {
  process.once('disconnect', () => process.exit());
  process.once('message', (task: ContractTask) => {
    void run(task).then((news) => process.send?.(news, undefined, {}, () => process.disconnect()));
  });
}
