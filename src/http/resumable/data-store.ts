import type { Readable } from 'node:stream';
import { DataStore, ERRORS, Upload } from '@tus/server';
import type { Actor } from '../../core/access.ts';
import type { ResumableUploads } from '../../receive/resumable/uploads.ts';

/** The resumable uploads of one actor as the protocol's server sees them. */
export class ChunkDataStore extends DataStore {
  // Not creation-defer-length: a length that is told later could not be held against the limits
  override extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  readonly #uploads: ResumableUploads;
  readonly #actor: Actor;

  constructor(uploads: ResumableUploads, actor: Actor) {
    super();
    this.#uploads = uploads;
    this.#actor = actor;
  }

  override async create(upload: Upload): Promise<Upload> {
    const { id, size: bytes = 0, metadata } = upload;
    const { createdAt } = await this.#uploads.begin(this.#actor, { id, bytes, metadata });
    upload.creation_date = createdAt;
    return upload;
  }

  override write(stream: Readable, id: string, offset: number): Promise<number> {
    return this.#uploads.append(id, offset, stream);
  }

  override async getUpload(id: string): Promise<Upload> {
    const upload = await this.#uploads.upload(id);
    if (upload === undefined) throw ERRORS.FILE_NOT_FOUND;
    const { bytes: size, offset, createdAt: creation_date, metadata } = upload;
    return new Upload({ id, size, offset, creation_date, metadata });
  }

  override async remove(id: string): Promise<void> {
    if (!(await this.#uploads.remove(id))) throw ERRORS.FILE_NOT_FOUND;
  }

  override getExpiration(): number {
    return this.#uploads.expiryMs;
  }
}
