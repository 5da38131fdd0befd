import { type Selectable, sql } from 'kysely';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import type { ResumableRecords } from '../../../core/ports/records/resumable.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { DecidedFile, ResumableUpload } from '../../../core/upload.ts';
import type { SqlTx } from '../database.ts';
import type { Tables } from '../tables.ts';
import { instant } from './cursor.ts';

export function resumableRecords(tx: SqlTx): ResumableRecords {
  return { ...uploadRecords(tx), ...chunkRecords(tx), ...endingRecords(tx) };
}

function uploadRecords(
  tx: SqlTx,
): Tx<
  | 'lockUploads'
  | 'uploadsOf'
  | 'upload'
  | 'openUploads'
  | 'insertUpload'
  | 'setUploadHash'
  | 'beginAcceptance'
  | 'endAcceptance'
  | 'setUploadCopy'
  | 'removeUpload'
> {
  const set = (id: string, values: { readonly sha256: string } | { readonly copy: string }) =>
    tx.updateTable('resumable_uploads').set(values).where('id', '=', id).execute();
  return {
    async lockUploads(keyId) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${keyId}`}, 0))`.execute(tx);
    },
    async uploadsOf(keyId) {
      const rows = await tx
        .selectFrom('resumable_uploads')
        .selectAll()
        .where('key_id', '=', keyId)
        .orderBy(sql`created_at collate "C"`)
        .orderBy('id')
        .execute();
      return rows.map(fromUploadRow);
    },
    async upload(id) {
      const row = await tx
        .selectFrom('resumable_uploads')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && fromUploadRow(row);
    },
    async openUploads(afterId, limit) {
      const rows = await tx
        .selectFrom('resumable_uploads')
        .selectAll()
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(fromUploadRow);
    },
    async insertUpload(upload) {
      await tx.insertInto('resumable_uploads').values(toUploadRow(upload)).execute();
    },
    async setUploadHash(id, sha256) {
      await set(id, { sha256 });
    },
    async beginAcceptance(ids) {
      const rows = await tx
        .updateTable('resumable_uploads')
        .set({ acceptances: sql<number>`acceptances + 1` })
        .where('id', 'in', ids)
        .returning('acceptances')
        .execute();
      return Math.max(0, ...rows.map(({ acceptances }) => acceptances));
    },
    async endAcceptance(ids) {
      await tx.updateTable('resumable_uploads').set({ acceptances: 0 }).where('id', 'in', ids).execute();
    },
    async setUploadCopy(id, copy) {
      await set(id, { copy: JSON.stringify(copy) });
    },
    async removeUpload(id) {
      await tx.deleteFrom('resumable_uploads').where('id', '=', id).execute();
    },
  };
}

function chunkRecords(tx: SqlTx): Tx<'appendChunk' | 'replaceLastChunk' | 'chunksOf'> {
  return {
    async appendChunk(uploadId, { first, bytes, key: object_key }) {
      if (!(await moveOffset(tx, uploadId, first, first + bytes))) return false;
      await tx
        .insertInto('resumable_chunks')
        .values({ upload_id: uploadId, first_byte: first, bytes, object_key })
        .execute();
      return true;
    },
    async replaceLastChunk(uploadId, last, { first, bytes, key: object_key }) {
      if (!(await moveOffset(tx, uploadId, last.first + last.bytes, first + bytes))) return false;
      const replaced = await tx
        .updateTable('resumable_chunks')
        .set({ bytes, object_key })
        .where('upload_id', '=', uploadId)
        .where('object_key', '=', last.key)
        .where('first_byte', '=', String(first))
        .executeTakeFirst();
      if (replaced.numUpdatedRows === 0n)
        throw new NiiError('NII_INTERNAL', 'The last chunk of the upload is missing');
      return true;
    },
    async chunksOf(uploadId) {
      const rows = await tx
        .selectFrom('resumable_chunks')
        .selectAll()
        .where('upload_id', '=', uploadId)
        .orderBy('first_byte')
        .execute();
      return rows.map(({ first_byte, bytes, object_key: key }) => ({
        first: Number(first_byte),
        bytes: Number(bytes),
        key,
      }));
    },
  };
}

/** Of two that append at the same place, the second waits for the first and then finds another offset. */
async function moveOffset(tx: SqlTx, id: string, from: number, to: number): Promise<boolean> {
  const moved = await tx
    .updateTable('resumable_uploads')
    .set({ offset_bytes: to })
    .where('id', '=', id)
    .where('offset_bytes', '=', String(from))
    .executeTakeFirst();
  return moved.numUpdatedRows > 0n;
}

function endingRecords(
  tx: SqlTx,
): Tx<
  | 'putOutcome'
  | 'uploadOutcome'
  | 'forgetOutcome'
  | 'putDecidedFile'
  | 'decidedFiles'
  | 'forgetRejectedFiles'
  | 'forgetEndedUploads'
> {
  return {
    async putOutcome(outcome) {
      await tx
        .insertInto('resumable_outcomes')
        .values({ id: outcome.upload.id, ended: instant(outcome.at), body: JSON.stringify(outcome) })
        .onConflict((at) => at.column('id').doNothing())
        .execute();
    },
    async uploadOutcome(id) {
      const row = await tx
        .selectFrom('resumable_outcomes')
        .select('body')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.body;
    },
    async forgetOutcome(id) {
      await tx.deleteFrom('resumable_outcomes').where('id', '=', id).execute();
    },
    async putDecidedFile(setKey, file) {
      const { id, values } = toDecidedRow(setKey, file);
      await tx
        .insertInto('resumable_decided')
        .values({ ...id, ...values })
        .onConflict((at) => at.columns(['set_key', 'name_json', 'bytes', 'sha256']).doUpdateSet(values))
        .execute();
    },
    async decidedFiles(setKey, name, bytes) {
      const rows = await tx
        .selectFrom('resumable_decided')
        .select('body')
        .where('set_key', '=', setKey)
        .where('name_json', '=', JSON.stringify(name))
        .where('bytes', '=', String(bytes))
        .orderBy('sha256')
        .execute();
      return rows.map(({ body }) => body);
    },
    async forgetRejectedFiles(setKey) {
      await tx
        .deleteFrom('resumable_decided')
        .where('set_key', '=', setKey)
        .where('rejected', '=', true)
        .execute();
    },
    async forgetEndedUploads(before) {
      const time = sql<Date>`${instant(before)}::timestamptz`;
      await tx.deleteFrom('resumable_outcomes').where('ended', '<', time).execute();
      await tx.deleteFrom('resumable_decided').where('decided', '<', time).execute();
    },
  };
}

function toUploadRow(upload: ResumableUpload) {
  const { id, keyId, bytes, offset, createdAt, metadata, sha256, copy } = upload;
  return {
    id,
    key_id: keyId,
    bytes,
    offset_bytes: offset,
    created_at: createdAt,
    metadata: JSON.stringify(metadata),
    sha256: sha256 ?? null,
    copy: copy === undefined ? null : JSON.stringify(copy),
  };
}

function fromUploadRow(row: Selectable<Tables['resumable_uploads']>): ResumableUpload {
  return {
    id: row.id,
    keyId: row.key_id,
    bytes: Number(row.bytes),
    offset: Number(row.offset_bytes),
    createdAt: row.created_at,
    metadata: row.metadata,
    ...defined({ sha256: row.sha256 ?? undefined, copy: row.copy ?? undefined }),
  };
}

/** The name as JSON: a sender's name may hold characters that PostgreSQL's text has not. */
function toDecidedRow(setKey: string, file: DecidedFile) {
  const { at, name, bytes, sha256, ending } = file;
  return {
    id: { set_key: setKey, name_json: JSON.stringify(name), bytes, sha256 },
    values: {
      decided: instant(at),
      rejected: ending.problem !== undefined,
      body: JSON.stringify(file),
    },
  };
}
