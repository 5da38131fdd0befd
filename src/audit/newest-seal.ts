import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { isNiiError } from '../core/errors.ts';
import { NEWEST_SEAL_KEY } from '../core/keys.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { SealWitness } from '../core/ports/seal-witness.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { NO_SEAL } from './seal-hash.ts';

/**
 * How far the audit and the records were, noted outside the database: in the object store and, if set, in a file on
 * another disk. A database, or an object store, that went back to an earlier state does not agree with the notes.
 */

const Count = Type.Integer({ minimum: 0 });
const Note = Type.Object({
  /** The newest seal; 0 if there was none. */
  number: Count,
  /** The highest row of the audit that it or an earlier seal covers. */
  highest: Count,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** The newest row of the change feed, which a reindex does not take back. */
  changes: Count,
});
export type SealNote = Static<typeof Note>;

/** What went back, as a note shows it. */
export type Rollback =
  /** The database, or its audit alone, ends before the noted seal. */
  | 'audit older'
  /** The audit has another seal with the noted number. */
  | 'audit differs'
  /** The audit agrees, but the change feed ends before the noted row. */
  | 'records older'
  /** The note is more than one seal older than the audit, or it is gone. */
  | 'witness older'
  | 'note unreadable';

/** The database, as far as a note can be compared with it. */
export interface PresentState extends SealNote {
  /** Hash of the seal that has the number of the note; undefined without such a seal. */
  readonly sha256OfNoted: string | undefined;
}

/** Compares a note with the database. `isPart` as in SealWitness. */
export function compareNote(
  note: SealNote | 'unreadable' | undefined,
  present: PresentState,
  isPart: boolean,
): Rollback | undefined {
  if (note === 'unreadable') return 'note unreadable';
  if (note !== undefined && note.number > 0) {
    if (note.number > present.number) return 'audit older';
    if (note.sha256 !== present.sha256OfNoted) return 'audit differs';
  }
  if (note !== undefined && note.changes > present.changes) return 'records older';
  // one on another disk may have been away for a while, but one that is gone may have been removed
  const mustBeRecent = isPart || note === undefined;
  return mustBeRecent && (note?.number ?? 0) < present.number - 1 ? 'witness older' : undefined;
}

export type StateTx = Tx<'sealWindow' | 'auditSeals' | 'newestChange'>;

export interface NoteDeps {
  readonly records: Transactions<StateTx>;
  readonly witnesses: readonly SealWitness[];
}

/** What one witness says against the database. */
export interface FoundRollback {
  readonly witness: SealWitness['name'];
  readonly what: Rollback;
  /** The noted seal and the newest one of the database; 0 stands for none. */
  readonly noted: number;
  readonly newest: number;
}

interface Compared {
  readonly note: SealNote | 'unreadable' | undefined;
  readonly present: PresentState;
  readonly what: Rollback | undefined;
}

/** Compares every witness with the database. The service may run and seal. */
export async function findRollbacks({ records, witnesses }: NoteDeps): Promise<readonly FoundRollback[]> {
  const found: FoundRollback[] = [];
  for (const witness of witnesses) {
    const { note, present, what } = await compareSettled(records, witness);
    if (what !== undefined) found.push(toFound(witness, what, note, present));
  }
  return found;
}

function toFound(
  { name }: Pick<SealWitness, 'name'>,
  what: Rollback,
  note: Compared['note'],
  { number }: SealNote,
): FoundRollback {
  const noted = typeof note === 'object' ? note.number : 0;
  return { witness: name, what, noted, newest: number };
}

/** A note that looks late is read again: another process may just be sealing. */
async function compareSettled(records: Transactions<StateTx>, witness: SealWitness): Promise<Compared> {
  for (;;) {
    const compared = await compare(records, witness);
    if (compared.what !== 'witness older') return compared;
    const { note: again } = await compare(records, witness);
    if (typeof again !== 'object' || typeof compared.note !== 'object') return compared;
    if (again.number === compared.note.number) return compared;
  }
}

async function compare(records: Transactions<StateTx>, witness: SealWitness): Promise<Compared> {
  // The note first: the database only moves on
  const note = readNote(await witness.read());
  const present = await presentState(records, typeof note === 'object' ? note.number : 0);
  return { note, present, what: compareNote(note, present, witness.isPart) };
}

function readNote(bytes: Uint8Array | undefined): SealNote | 'unreadable' | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Value.Check(Note, value) ? value : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

async function presentState(records: Transactions<StateTx>, noted: number): Promise<PresentState> {
  return records.transaction(async (tx) => {
    const { newest } = await tx.sealWindow(0);
    const [seal] = noted === 0 ? [] : await tx.auditSeals(noted - 1, 1);
    return {
      number: newest?.number ?? 0,
      highest: newest?.highest ?? 0,
      sha256: newest?.sha256 ?? NO_SEAL,
      changes: await tx.newestChange(),
      sha256OfNoted: seal?.number === noted ? seal.sha256 : undefined,
    };
  });
}

/**
 * Notes the newest seal at this witness. A note that does not agree with the database stays as it is.
 * @returns what went back, if something did
 */
export async function noteNewestSeal(
  records: Transactions<StateTx>,
  witness: SealWitness,
): Promise<FoundRollback | undefined> {
  const { note, present, what } = await compare(records, witness);
  if (what !== undefined) return toFound(witness, what, note, present);
  if (present.number > 0 && (typeof note !== 'object' || note.number < present.number))
    await write(witness, present);
  return undefined;
}

/** Notes the database as it is now at every witness, whatever was noted before. */
export async function noteAnyway({ records, witnesses }: NoteDeps): Promise<void> {
  const present = await presentState(records, 0);
  for (const witness of witnesses) await write(witness, present);
}

function write(witness: SealWitness, { number, highest, sha256, changes }: SealNote): Promise<void> {
  return witness.write(new TextEncoder().encode(`${JSON.stringify({ number, highest, sha256, changes })}\n`));
}

/** The witness in the object store. */
export function storeWitness(objects: Pick<ObjectReads, 'get'> & Pick<ObjectWrites, 'put'>): SealWitness {
  return {
    name: 'object store',
    isPart: true,
    read: () =>
      objects.get(NEWEST_SEAL_KEY).catch((error: unknown) => {
        if (isNiiError(error, 'NII_NOT_FOUND')) return undefined;
        if (isNiiError(error, 'NII_CORRUPT')) return new Uint8Array(0); // unreadable, as a note that is no JSON
        throw error;
      }),
    write: (note) => objects.put(NEWEST_SEAL_KEY, note, 'application/json'),
  };
}
