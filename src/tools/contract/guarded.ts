import { builtInFolder } from '../../recognise/registry.ts';
import { ChildFailure } from '../../runtime/children/child-failure.ts';
import { type ChildPlan, callOnce } from '../../runtime/children/running-child.ts';
import type { ContractResult } from './contract.ts';
import {
  type ContractProgress,
  type ContractTask,
  isContractProgress,
  readContractResult,
} from './contract-task.ts';

/** One input of a few KiB: longer is a hang, more is an allocation that its bytes do not justify. */
const SILENCE_MS = 60_000;
const MEMORY_BYTES = 2048 * 1024 * 1024;
/** A fault tells of the files that it was found in. */
const ANSWER_BYTES = 256 * 1024 * 1024;

export const contractPlan: ChildPlan = {
  program: 'contract',
  args: [builtInFolder()],
  output: 'stderr',
  longestAnswerBytes: ANSWER_BYTES,
};

export interface GuardedContract extends ContractTask {
  readonly progress?: (claim: string, inputs: number) => void;
}

/**
 * Runs the contract in a process of its own. A crash, a hang and boundless memory become a claim that does not hold,
 * with the input that showed it.
 * @throws NII_CONFIG for a package that cannot be loaded
 */
export async function runGuardedContract({ progress, ...task }: GuardedContract): Promise<ContractResult> {
  let last: ContractProgress | undefined;
  const onProgress = (value: unknown) => {
    if (!isContractProgress(value)) return;
    last = value;
    progress?.(value.claim, value.inputs);
  };
  const bounds = { silenceMs: SILENCE_MS, memoryBytes: MEMORY_BYTES };
  try {
    return await callOnce(contractPlan, { task, read: readContractResult, onProgress, ...bounds });
  } catch (error) {
    if (error instanceof ChildFailure) return broken(task, `the process ${error.message}`, last);
    throw error;
  }
}

function broken(
  { folder, effort }: ContractTask,
  fault: string,
  last: ContractProgress | undefined,
): ContractResult {
  const at = last === undefined ? '' : ` at ${last.what}`;
  return {
    converter: { id: folder.split(/[\\/]/).at(-1) ?? folder, version: '-' },
    ok: false,
    seed: effort.seed,
    claims: [
      {
        name: last?.claim ?? 'the package starts',
        ok: false,
        inputs: last?.inputs ?? 0,
        faults: [`${fault}${at}`],
      },
    ],
    outcomes: {},
  };
}
