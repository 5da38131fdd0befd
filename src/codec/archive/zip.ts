import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { NiiError } from '../../core/errors.ts';
import { type Budget, type ExtractedFile, memberName, stageMember } from './member.ts';

/** Of the general purpose bit flag (APPNOTE 4.4.4). */
const ENCRYPTED = 0x1;
/** Of the upper half of the external attributes where UNIX wrote them: file type and symbolic link. */
const TYPE_MASK = 0xf000;
const SYMBOLIC_LINK = 0xa000;

/** Unpacks every member of a ZIP file in the order of its central directory. */
export async function zipMembers(
  archive: Pick<ExtractedFile, 'path'>,
  budget: Budget,
): Promise<readonly ExtractedFile[]> {
  const zip = await open(archive.path);
  try {
    return await membersOf(zip, budget);
  } finally {
    zip.close();
  }
}

async function membersOf(zip: ZipFile, budget: Budget): Promise<readonly ExtractedFile[]> {
  const files: ExtractedFile[] = [];
  for (let entry = await nextEntry(zip); entry !== undefined; entry = await nextEntry(zip)) {
    checkKind(entry);
    const name = memberName(entry.fileName, entry.fileName.endsWith('/'));
    if (name === undefined) continue;
    const packed = { bytes: entry.compressedSize, crc32: entry.crc32 };
    files.push(await stageMember(name, await contentOf(zip, entry), packed, budget));
  }
  return files;
}

function checkKind(entry: Entry): void {
  if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0) {
    throw new NiiError('NII_UNSUPPORTED_VARIANT', `${entry.fileName}: encrypted members cannot be read`);
  }
  if (((entry.externalFileAttributes >>> 16) & TYPE_MASK) === SYMBOLIC_LINK) {
    throw new NiiError(
      'NII_UNSUPPORTED_VARIANT',
      `${entry.fileName}: links are not allowed: use regular files`,
    );
  }
}

function open(path: string): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true };
  return new Promise((resolve, reject) => {
    yauzl.open(path, options, (error, zip) => (error === null ? resolve(zip) : reject(error)));
  });
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      zip.removeAllListeners();
      act();
    };
    zip.once('entry', (entry: Entry) => settle(() => resolve(entry)));
    zip.once('end', () => settle(() => resolve(undefined)));
    zip.once('error', (error: Error) => settle(() => reject(error)));
    zip.readEntry();
  });
}

function contentOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error === null ? resolve(stream) : reject(error)));
  });
}
