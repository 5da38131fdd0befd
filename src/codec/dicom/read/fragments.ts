import { ByteReader } from '../../bytes.ts';
import { type Encapsulated, formatTag } from '../data-set.ts';
import { dicomError } from '../dicom-error.ts';
import type { Spent } from './ceilings.ts';
import { readTag, u32 } from './headers.ts';

interface File {
  readonly name: string;
  readonly spent: Spent;
}

/**
 * A basic offset table and fragments, to their delimiter (PS3.5 A.4). Lengths alone say where a fragment ends: its
 * bytes may hold anything, a delimiter too. @throws NII_TRUNCATED, NII_MALFORMED, NII_LIMIT_ELEMENTS
 */
export function fragmentsAt(reader: ByteReader, bigEndian: boolean, file: File): Encapsulated {
  const { name, spent } = file;
  const [table, ...fragments] = itemsAt(reader, bigEndian, file);
  if (table === undefined) return { offsets: [], fragments: [] };
  if (table.length % 4 !== 0) {
    throw dicomError(
      'NII_MALFORMED',
      name,
      `the offset table has an invalid length of ${table.length} bytes`,
      reader.offset,
    );
  }
  spent.values(table.length / 4, 'the offset table', reader.offset);
  const entries = new ByteReader(table, name);
  const offsets = Array.from({ length: table.length / 4 }, () => u32(entries, bigEndian));
  return { offsets, fragments };
}

function itemsAt(reader: ByteReader, bigEndian: boolean, { name, spent }: File): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (;;) {
    const at = reader.offset;
    spent.node(at);
    const tag = readTag(reader, bigEndian);
    const length = u32(reader, bigEndian);
    if (tag === 'fffee0dd') return found;
    if (tag !== 'fffee000')
      throw dicomError('NII_MALFORMED', name, `unexpected ${formatTag(tag)} among the fragments`, at);
    if (length > reader.remaining) {
      const detail = `a fragment claims ${length} bytes and ${reader.remaining} are left`;
      throw dicomError('NII_TRUNCATED', name, detail, reader.offset);
    }
    found.push(reader.take(length));
  }
}
