import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fromProblem, NiiError } from '../../core/errors.ts';
import { residentBytes } from '../../runtime/resident.ts';
import type { ContractNews, ContractTask } from './child.ts';
import type { ContractResult } from './contract.ts';

/** One input of a few KiB: longer is a hang, more is an allocation that its bytes do not justify. */
const SILENCE_MS = 60_000;
const MEMORY_BYTES = 2048 * 1024 * 1024;
const POLL_MS = 250;

export interface GuardedContract extends ContractTask {
  readonly progress?: (claim: string, inputs: number) => void;
}

/**
 * Runs the contract in a process of its own. A crash, a hang and boundless memory become a claim that does not hold,
 * with the input that showed it.
 * @throws NII_CONFIG for a package that cannot be loaded
 */
export async function runGuardedContract({ progress, ...task }: GuardedContract): Promise<ContractResult> {
  const child = startChild();
  let last: Extract<ContractNews, { kind: 'trying' }> | undefined;
  let heardAt = Date.now();
  const end = await new Promise<ContractNews | string>((resolve) => {
    const timer = setInterval(() => {
      if (Date.now() - heardAt > SILENCE_MS) resolve(`no answer within ${SILENCE_MS / 1000} s`);
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > MEMORY_BYTES) resolve(`more than ${MEMORY_BYTES} bytes of memory`);
      });
    }, POLL_MS);
    child.on('message', (news: ContractNews) => {
      heardAt = Date.now();
      if (news.kind !== 'trying') return resolve(news);
      last = news;
      progress?.(news.claim, news.inputs);
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`the process ended with ${signal ?? `exit code ${code}`}`));
    child.once('exit', () => clearInterval(timer));
    child.send(task);
  });
  child.kill('SIGKILL');
  if (typeof end === 'string') return broken(task, end, last);
  if (end.kind === 'done') return end.result;
  throw end.kind === 'problem' ? fromProblem(end.problem) : new NiiError('NII_INTERNAL', 'no answer');
}

function broken(
  { folder, effort }: ContractTask,
  fault: string,
  last: Extract<ContractNews, { kind: 'trying' }> | undefined,
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

/** Of the environment only the path, as a converter gets it in the service. */
function startChild(): ChildProcess {
  const fromSources = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(`./child.${fromSources ? 'ts' : 'js'}`, import.meta.url));
  const loader = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return fork(script, [], {
    stdio: ['ignore', 2, 2, 'ipc'], // what the package prints is no answer of ours
    execArgv: fromSources ? ['--import', loader()] : [],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: process.env.NODE_ENV ?? '', NII_CONTRACT_CHILD: '1' },
  });
}
