import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { DecidedFile, ResumableMetadata, ResumableUpload } from '../../core/upload.ts';
import { declaredHashOf, fileNameOf, filesOf, isWhole, setKeyOf, uploadMetaOf } from './metadata.ts';

/**
 * Begins an upload, unless it contradicts what its key has open. One that declares the content of a decided set is
 * known from now as a copy.
 * @throws NII_QUEUE_FULL, NII_BAD_REQUEST, NII_CONFLICT, NII_LIMIT_BYTES
 */
export async function beginUpload(
  tx: Tx<'lockUploads' | 'uploadsOf' | 'insertUpload' | 'decidedFiles'>,
  limits: Pick<Limits, 'openUploads' | 'uploadBytes'>,
  upload: ResumableUpload,
): Promise<void> {
  await tx.lockUploads(upload.keyId);
  const open = await tx.uploadsOf(upload.keyId);
  if (open.length >= limits.openUploads)
    throw new NiiError(
      'NII_QUEUE_FULL',
      `This key has ${open.length} open uploads, which is the limit: finish or delete one`,
    );
  const declared = declaredHashOf(upload.metadata);
  const decided = (await decidedLike(tx, upload)).find(({ sha256 }) => sha256 === declared);
  if (decided !== undefined) {
    const { sha256, ending } = decided;
    await tx.insertUpload({ ...upload, copy: { sha256, ending } });
    return;
  }
  checkAgainstSet(upload, open, limits);
  await tx.insertUpload(upload);
}

/** What its set was decided with that this may be a copy of, by name, size and declared hash. */
export async function decidedLike(
  tx: Tx<'decidedFiles'>,
  upload: ResumableUpload,
): Promise<readonly DecidedFile[]> {
  const { metadata, bytes } = upload;
  if (metadata.set === undefined) return [];
  const decided = await tx.decidedFiles(setKeyOf(upload), fileNameOf(metadata), bytes);
  const declared = declaredHashOf(metadata);
  return decided.filter(({ sha256 }) => declared === undefined || declared === sha256);
}

function checkAgainstSet(
  { metadata, bytes }: ResumableUpload,
  open: readonly ResumableUpload[],
  { uploadBytes }: Pick<Limits, 'uploadBytes'>,
): void {
  const { set } = metadata;
  const others = open.filter(
    (one) => set !== undefined && one.metadata.set === set && one.copy === undefined,
  );
  rejectMetadataMismatch(metadata, others);
  rejectNameConflict(metadata, bytes, others);
  const total = sum(others.filter((one) => fileNameOf(one.metadata) !== fileNameOf(metadata))) + bytes;
  if (total > uploadBytes)
    throw new NiiError('NII_LIMIT_BYTES', `The upload is too large: use at most ${uploadBytes} bytes`);
}

function rejectMetadataMismatch(metadata: ResumableMetadata, others: readonly ResumableUpload[]): void {
  const shared = (one: ResumableMetadata) => JSON.stringify([one.files, uploadMetaOf(one)]);
  if (others.every((other) => shared(other.metadata) === shared(metadata))) return;
  throw new NiiError('NII_BAD_REQUEST', {
    detail: 'The files of one set differ: use the same files, site, scanner, lane and purpose for each',
    field: 'set',
  });
}

/** Of a set each file has its own name, and what is here under a name is not replaced by something else. */
function rejectNameConflict(
  metadata: ResumableMetadata,
  bytes: number,
  others: readonly ResumableUpload[],
): void {
  if (filesOf(metadata) < 2) return;
  if (metadata.filename === undefined) {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'Missing filename in Upload-Metadata: each file of a set needs one',
      field: 'filename',
    });
  }
  const here = others.find((one) => one.metadata.filename === metadata.filename && isWhole(one));
  if (here === undefined) return;
  const { sha256 } = here.metadata;
  const differs = sha256 !== undefined && metadata.sha256 !== undefined && sha256 !== metadata.sha256;
  if (here.bytes === bytes && !differs) return;
  throw new NiiError(
    'NII_CONFLICT',
    `The set already has another file "${metadata.filename}": use another name or another set`,
  );
}

function sum(uploads: readonly ResumableUpload[]): number {
  return uploads.reduce((total, { bytes }) => total + bytes, 0);
}
