import type { TaskKind } from './task-kind.ts';

/** One reading of a stranger's bytes. */
export interface Reading<Task, Result, Taken> {
  /** Id of the key whose request it is: everybody gets a fair share. */
  readonly caller: string;
  /** Hash of what is read, and what else the work depends on: work that ended a reader is rejected at once for a while. */
  readonly subject: string;
  /** Wall time that the reader may take. */
  readonly seconds: number;
  /** Puts what is to be read into `desk.input`, once a reader is free, and says what is to be done. */
  readonly prepare: (desk: Desk) => Promise<Task>;
  /** Takes what the reader left in `desk.output`, before that is emptied. Nothing there is believed. */
  readonly take: (result: Result, desk: Desk) => Promise<Taken>;
}

/** Two folders: a reader reads one and writes the other. */
export interface Desk {
  readonly input: string;
  readonly output: string;
}

/** Reads what strangers wrote, in a process that ends if it takes too long, takes too much, or breaks. */
export interface Reader {
  /**
   * @throws what the work rejects by code; NII_LIMIT_TIME, NII_LIMIT_MEMORY and NII_READER_CRASHED; NII_BUSY if no reader
   *   for this purpose is free in time
   */
  read<Task, Result, Taken>(
    kind: TaskKind<Task, Result>,
    reading: Reading<Task, Result, Taken>,
  ): Promise<Taken>;
}
