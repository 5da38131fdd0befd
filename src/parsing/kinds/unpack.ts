import Type, { type Static } from 'typebox';
import type { Limits } from '../../core/limits.ts';
import type { Desk } from '../reader.ts';
import { type Frozen, taskKind } from '../task-kind.ts';

/** An archive on the desk, whose members are to be left there. */
export interface UnpackTask {
  readonly desk: Desk;
  readonly file: string;
  readonly bytes: number;
  /** For failures. */
  readonly name: string;
  readonly limits: Pick<Limits, 'archiveBytes' | 'uploadFiles' | 'expansionRatio'>;
}

const Member = Type.Object({
  /** As in the archive, folders with "/". */
  name: Type.String({ minLength: 1, maxLength: 1024 }),
  /** In the output. */
  file: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }),
  /** What is wrong with it: these bytes came out, and are not those that went in. */
  damage: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
});
export type Member = Frozen<Static<typeof Member>>;

export const unpackTask = taskKind<UnpackTask>('unpack', 'upload').answers(Type.Array(Member));
