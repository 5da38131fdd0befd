import { pack } from 'tar-stream';
import { transcode } from '../../src/codec/dicom/transcode.ts';
import { writableSyntaxes } from '../../src/codec/dicom/writable-syntaxes.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import type { Fixture, NamedBytes } from '../../src/tools/contract/fixtures.ts';
import { zipOf } from '../../src/tools/zip.ts';
import { codecSyntaxes, withFrames } from './compressed-frames.ts';
import type { Sources } from './generate.ts';
import type { Seed } from './seed.ts';

/** Targets that are no package: archives of anything, and DICOM in every transfer syntax that we can write. */
export const ARCHIVES = 'archives';
export const DICOM_SYNTAXES = 'dicom-syntaxes';
/** Decoders; a run must name them. */
export const CODECS: readonly string[] = Object.keys(codecSyntaxes);

/** Where the inputs of a target come from. */
export async function sourcesOf(
  target: string,
  fixtures: ReadonlyMap<string, readonly Fixture[]>,
): Promise<Sources> {
  const all = [...fixtures].flatMap(([, of]) => of);
  if (target === ARCHIVES) return { own: await archivesOf(all), others: all };
  const syntaxes = codecSyntaxes[target];
  if (syntaxes !== undefined) {
    const dicom = fixtures.get('dicom') ?? [];
    return { own: withFrames([...dicom, ...(await inEverySyntax(dicom, syntaxes))], syntaxes), others: [] };
  }
  const own = fixtures.get(target === DICOM_SYNTAXES ? 'dicom' : target) ?? [];
  const others = all.filter((fixture) => !own.includes(fixture));
  return { own: target === DICOM_SYNTAXES ? await inEverySyntax(own) : own, others };
}

async function inEverySyntax(
  fixtures: readonly Fixture[],
  wanted: readonly string[] = Object.values(writableSyntaxes),
): Promise<readonly Seed[]> {
  const seeds: Seed[] = [];
  for (const { name, files } of fixtures) {
    for (const [syntax, uid] of Object.entries(writableSyntaxes)) {
      if (!wanted.includes(uid)) continue;
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
