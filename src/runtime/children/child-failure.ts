/**
 * Why a child gave no answer: it took too long, said nothing for too long, took too much memory, ended, answered what
 * nobody can read, could not be started, or was ended by its parent.
 */
export type ChildFault = 'time' | 'silence' | 'memory' | 'ended' | 'unreadable' | 'start' | 'stopped';

/** A child that gave no answer; it is being killed. The message continues a sentence that begins with its name. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure';
  readonly fault: ChildFault;

  constructor(fault: ChildFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}
