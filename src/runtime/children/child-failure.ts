import { NiiError } from '../../core/errors.ts';

/**
 * Why a child gave no answer: it took too long, said nothing for too long, took too much memory, ended, was killed by
 * another program (the system when memory is short, or an operator), answered what nobody can read, could not be
 * started, or was ended by its parent.
 */
export type ChildFault =
  | 'time'
  | 'silence'
  | 'memory'
  | 'ended'
  | 'killed'
  | 'unreadable'
  | 'start'
  | 'stopped';

/** A child that gave no answer; it is being killed. The message continues a sentence that begins with its name. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure';
  readonly fault: ChildFault;

  constructor(fault: ChildFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/** Of the system, where it has no process, file or memory left for the moment. */
const shortages: ReadonlySet<unknown> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * The rejection of a call for which there is no child: NII_BUSY where waiting may help, otherwise NII_CHILD_START.
 * @param what - names the child, as in "the process that reads files"
 */
export function withoutChild(failure: ChildFailure, what: string): NiiError {
  const mayHeal = failure.fault === 'stopped' || causesOf(failure).some(isShortage);
  const code = mayHeal ? 'NII_BUSY' : 'NII_CHILD_START';
  return new NiiError(code, { detail: `${what} ${failure.message}`, cause: failure });
}

function causesOf(error: unknown): readonly unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

/** A child that is not ready in time may only be slow. */
function isShortage(error: unknown): boolean {
  return (error instanceof ChildFailure && error.fault === 'time') || isShortageOfSystem(error);
}

function isShortageOfSystem(error: unknown): boolean {
  return error instanceof Error && 'code' in error && shortages.has(error.code);
}

/** Whether it failed because the system has no process, file or memory left for the moment. */
export function isForShortage(error: unknown): boolean {
  return causesOf(error).some(isShortageOfSystem);
}
