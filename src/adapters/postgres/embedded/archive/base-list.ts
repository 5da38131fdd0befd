import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../../../../core/errors.ts';
import { Sha256 } from '../../../../core/scan/scan.ts';
import { codeOf } from '../programs.ts';
import { type Archive, parseJson } from './folder.ts';

/** Relative, without a step to a parent folder. */
const Path = Type.String({ pattern: '^(?!(.*/)?\\.\\.?(/|$))[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$' });
const BaseFile = Type.Object({ path: Path, bytes: Type.Integer({ minimum: 0 }), sha256: Sha256 });
export type BaseFile = Static<typeof BaseFile>;

/** `base.json`, written last: a folder without it is not a base backup. */
const Manifest = Type.Object({
  base: Type.Literal('1.0'),
  /** When the copy was consistent, by the clock of the database. Recovery is possible to any later time. */
  endedAt: Type.String(),
  timeline: Type.Integer({ minimum: 1 }),
  /** Position in the log at the end of the copy. */
  stop: Type.String({ pattern: '^[0-9A-F]{1,8}/[0-9A-F]{1,8}$' }),
  /** The oldest segment that a recovery needs. */
  firstSegment: Type.String({ pattern: '^[0-9A-F]{24}$' }),
  folders: Type.Array(Path),
  files: Type.Array(BaseFile),
  /** Of all other fields, in this order, as JSON. */
  sha256: Sha256,
});
export type BaseManifest = Static<typeof Manifest>;

export const MANIFEST = 'base.json';

/** A complete base backup by its name, which is the time of its end. */
export interface NamedBase {
  readonly name: string;
  readonly endedAt: Date;
}

export function nameOfBase(endedAt: Date): string {
  return endedAt.toISOString().replaceAll(/[-:.]/g, '');
}

/** Every complete base backup, the oldest first. */
export async function listBases({ bases }: Archive): Promise<readonly NamedBase[]> {
  return (await readdir(bases)).toSorted().flatMap((name) => {
    const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(name)?.slice(1).map(Number);
    if (parts === undefined) return [];
    const [year = 0, month = 1, day = 1, ...time] = parts;
    return { name, endedAt: new Date(Date.UTC(year, month - 1, day, ...time)) };
  });
}

export function formatManifest(manifest: Omit<BaseManifest, 'sha256'>): string {
  const text = JSON.stringify(manifest);
  return `${JSON.stringify({ ...manifest, sha256: sha256Of(text) })}\n`;
}

/** @throws NII_ARCHIVE_DAMAGED if it is missing, changed or of a newer version */
export async function readManifest({ bases }: Archive, name: string): Promise<BaseManifest> {
  const text = await readFile(join(bases, name, MANIFEST), 'utf8').catch(() => '');
  const value = parseJson(text);
  if (!Value.Check(Manifest, value)) throw damagedBase(name, MANIFEST);
  const { sha256, ...rest } = value;
  if (sha256Of(JSON.stringify(rest)) !== sha256) throw damagedBase(name, MANIFEST);
  return value;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function damagedBase(name: string, file: string): NiiError {
  return new NiiError('NII_ARCHIVE_DAMAGED', {
    detail: `Base backup ${name}: ${file} is damaged or missing. To use an earlier base backup, move the folder base/${name} out of the archive`,
    field: file,
  });
}

/** Copies a file and hashes what it copies. @returns undefined if the file is gone */
export async function copyHashed(
  from: string,
  to: string,
): Promise<Pick<BaseFile, 'bytes' | 'sha256'> | undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  const hashed = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const source = createReadStream(from);
  try {
    await pipeline(source, hashed, createWriteStream(to, { mode: 0o600 }));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && source.bytesRead === 0) return undefined;
    throw error;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Fills an empty folder with the files of a base backup. @throws NII_ARCHIVE_DAMAGED for a file that differs from its hash */
export async function unpackBase(
  archive: Archive,
  name: string,
  manifest: BaseManifest,
  to: string,
): Promise<void> {
  for (const folder of manifest.folders) await mkdir(join(to, folder), { recursive: true, mode: 0o700 });
  for (const { path, bytes, sha256 } of manifest.files) {
    await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 });
    const copied = await copyHashed(join(archive.bases, name, path), join(to, path));
    if (copied?.bytes !== bytes || copied.sha256 !== sha256) throw damagedBase(name, path);
  }
}
