import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor, Scope } from '../../core/access.ts';
import type { Limits } from '../../core/limits.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { secondsToRead } from '../../core/reading-time.ts';
import type { StoredDecisions } from '../../core/scanner/station.ts';
import { type ReadDecisions, type StationFormat, stationTask } from '../../parsing/kinds/station.ts';
import type { Reader } from '../../parsing/reader.ts';
import { stationDocument } from '../../stored/document-kinds.ts';
import { storeObjects } from '../../stored/documents.ts';
import { sha256Hex } from '../../stored/identity.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';
import { placeFor } from '../../stored/rules.ts';

export interface ReadStationDeps {
  readonly reader: Reader;
  readonly limits: Pick<Limits, 'convertSeconds' | 'depth'>;
}

export interface KeepDecisionsDeps {
  readonly records: Transactions<Tx<'putStationDecisions' | 'putObjects' | 'audit'>>;
  readonly objects: ObjectWrites;
}

export interface TakeDecisionsDeps extends ReadStationDeps, KeepDecisionsDeps {
  readonly records: KeepDecisionsDeps['records'] & Locks;
  readonly clock: Clock;
}

export interface StationFile {
  readonly bytes: Uint8Array;
  readonly format: StationFormat;
}

export interface TakenDecisions {
  readonly id: string;
  readonly decisions: number;
  readonly result: 'new' | 'already-here';
}

/**
 * Takes in what the vendor's own station of a site decided, all of a file or nothing; the same file is taken in once.
 * @throws NII_NOT_FOUND for the key of another site; what the file is rejected with, as `readStationFile` and Reader.read
 */
export async function takeDecisions(
  deps: TakeDecisionsDeps,
  actor: Actor,
  site: string,
  file: StationFile,
): Promise<TakenDecisions> {
  const place = placeFor(actor, site);
  const decisions = await readDecisions(deps, actor, file);
  const id = sha256Hex(file.bytes);
  const value = { ...place, id, receivedAt: deps.clock.now().toISOString(), by: actor.keyId, decisions };
  const isNew = await deps.records.exclusively(
    `station:${place.administration}:${site}`,
    () => keep(deps, actor, place, value),
    OBJECTS_LOCK,
  );
  return { id, decisions: decisions.length, result: isNew ? 'new' : 'already-here' };
}

function readDecisions(
  { reader, limits }: ReadStationDeps,
  { keyId }: Actor,
  { bytes, format }: StationFile,
): Promise<ReadDecisions> {
  return reader.read(stationTask, {
    caller: keyId,
    subject: `${format} ${sha256Hex(bytes)}`,
    seconds: secondsToRead(bytes.length, limits),
    prepare: async (desk) => {
      await writeFile(join(desk.input, 'decisions'), bytes, { flag: 'wx' });
      return { desk, file: 'decisions', format, limits };
    },
    take: async (read) => read,
  });
}

function keep(
  deps: KeepDecisionsDeps,
  actor: Actor,
  { site }: Scope,
  value: StoredDecisions,
): Promise<boolean> {
  return deps.records.transaction(async (tx) => {
    if (!(await tx.putStationDecisions(value))) return false;
    await storeObjects(deps, tx, stationDocument, [value]);
    const detail = { file: value.id, decisions: value.decisions.length };
    await tx.audit({ actor, action: 'change station decisions', subject: site, detail, site });
    return true;
  });
}
