import { crc32, deflateRawSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { transcode } from '../../codec/dicom/transcode.ts';
import { writableSyntaxes } from '../../codec/dicom/writable-syntaxes.ts';
import { isNiiError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { Fixture, NamedBytes } from '../contract/fixtures.ts';
import type { Seed, Sources } from './generate.ts';

/** Targets that are no package: archives of anything, and DICOM in every transfer syntax that we can write. */
export const ARCHIVES = 'archives';
export const DICOM_SYNTAXES = 'dicom-syntaxes';

/** Where the inputs of a target come from. */
export async function sourcesOf(
  target: string,
  fixtures: ReadonlyMap<string, readonly Fixture[]>,
): Promise<Sources> {
  const all = [...fixtures].flatMap(([, of]) => of);
  if (target === ARCHIVES) return { own: await archivesOf(all), others: all };
  const own = fixtures.get(target === DICOM_SYNTAXES ? 'dicom' : target) ?? [];
  const others = all.filter((fixture) => !own.includes(fixture));
  return { own: target === DICOM_SYNTAXES ? await inEverySyntax(own) : own, others };
}

async function inEverySyntax(fixtures: readonly Fixture[]): Promise<readonly Seed[]> {
  const seeds: Seed[] = [];
  for (const { name, files } of fixtures) {
    for (const [syntax, uid] of Object.entries(writableSyntaxes)) {
      for (const file of files) {
        const bytes = await transcoded(file, uid);
        if (bytes !== undefined)
          seeds.push({ name: `${name} as ${syntax}`, files: [{ name: file.name, bytes }] });
      }
    }
  }
  return seeds;
}

/** Undefined where the samples do not fit the syntax. */
async function transcoded({ name, bytes }: NamedBytes, syntax: string): Promise<Uint8Array | undefined> {
  try {
    return await transcode(bytes, syntax, defaultLimits, name);
  } catch (error) {
    if (isNiiError(error)) return undefined;
    throw error;
  }
}

async function archivesOf(fixtures: readonly Fixture[]): Promise<readonly Seed[]> {
  const seeds: Seed[] = [];
  for (const { name, files } of fixtures) {
    seeds.push({ name: `${name}, stored`, files: [{ name: 'scan.zip', bytes: zipOf(files, 0) }] });
    seeds.push({ name: `${name}, deflated`, files: [{ name: 'scan.zip', bytes: zipOf(files, 8) }] });
    seeds.push({ name: `${name}, tape`, files: [{ name: 'scan.tar', bytes: await tarOf(files) }] });
  }
  return seeds;
}

async function tarOf(files: readonly NamedBytes[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { name, bytes } of files) tar.entry({ name }, Buffer.from(bytes));
  tar.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of tar) if (part instanceof Uint8Array) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

/** A ZIP file (APPNOTE 4.3.7, 4.3.12, 4.3.16) with members stored (0) or deflated (8). */
function zipOf(files: readonly NamedBytes[], method: 0 | 8): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const content = method === 0 ? Buffer.from(bytes) : deflateRawSync(bytes);
    const written = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(method, 4);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(written.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, written, content]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, tail, written]));
    locals.push(local);
    at += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...locals, ...directory, end]));
}
