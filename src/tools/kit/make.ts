import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../codec/sha256.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';
import {
  channelsInLayout,
  type SceneChannel,
  type SimulatedFiles,
  type SimulateLayout,
  simulateLayouts,
  simulateWithFiles,
} from '../../simulate/index.ts';
import { fixturesIn, type NamedBytes } from '../contract/fixtures.ts';
import { outcomeOf } from '../contract/subject.ts';
import { KIT_FILE, kitOf } from './read.ts';
import type { Kit, KitCase, KitFile, Scene } from './schema.ts';

const REFERENCE: SimulateLayout = 'numpy';
/** Coarse, so that a scene takes a fraction of a megabyte where the layout lets it. */
const PITCH_MM = 22;

export interface KitWish {
  readonly dir: string;
  readonly converters: readonly ConverterPackage[];
  readonly seed: number;
  readonly scenes: number;
  readonly madeBy: string;
  readonly progress?: (cases: number) => void;
}

/** Writes a kit into a folder: simulated scenes in every layout, and the fixtures of every package. @throws NII_CONFLICT, NII_MALFORMED */
export async function makeKit(wish: KitWish): Promise<Kit> {
  if ((await stat(join(wish.dir, KIT_FILE)).catch(() => undefined)) !== undefined) {
    throw new NiiError('NII_CONFLICT', `${wish.dir} already contains a kit`);
  }
  const cases: KitCase[] = [];
  for await (const { entry, files } of everyCase(wish)) {
    kitOf({ schemaVersion: '1.0', madeBy: wish.madeBy, seed: wish.seed, cases: [entry] }, entry.id);
    await writeCase(wish.dir, entry.id, files);
    cases.push(entry);
    wish.progress?.(cases.length);
  }
  const kit: Kit = { schemaVersion: '1.0', madeBy: wish.madeBy, seed: wish.seed, cases };
  kitOf(kit, wish.dir);
  await writeFile(join(wish.dir, KIT_FILE), `${JSON.stringify(kit, null, 1)}\n`);
  return kit;
}

interface Made {
  readonly entry: KitCase;
  readonly files: readonly NamedBytes[];
}

async function* everyCase(wish: KitWish): AsyncGenerator<Made> {
  for (let i = 0; i < wish.scenes; i++) {
    for (const layout of simulateLayouts) yield await sceneCase(layout, wish.seed + i, wish);
  }
  for (const { manifest, folder } of wish.converters) {
    if (manifest.enabledBy === 'fake') continue;
    for (const { name, files, expected } of await fixturesIn(folder)) {
      const id = `${manifest.id}.${name}`;
      const facts = files.map(factsOf);
      yield { entry: { id, kind: 'fixture', converter: manifest.id, files: facts, expected }, files };
    }
  }
}

function factsOf({ name, bytes }: NamedBytes): KitFile {
  return { name, bytes: bytes.length, sha256: sha256Hex(bytes) };
}

async function sceneCase(layout: SimulateLayout, seed: number, { converters }: KitWish): Promise<Made> {
  const id = `scene-${layout}-${seed}`;
  const made = simulateWithFiles({ seed, layout, pitchMm: PITCH_MM, stem: `scene-${seed}` });
  const files = made.files.map(({ name, bytes }) => ({ name, bytes }));
  const entry: KitCase = {
    id,
    kind: 'scene',
    converter: await readerOf(files, converters, id),
    reference: layout === REFERENCE,
    files: files.map(factsOf),
    scene: sceneOf(layout, made),
  };
  return { entry, files };
}

/** Whose files these are, by what the installed converters recognise. */
async function readerOf(
  files: readonly NamedBytes[],
  all: readonly ConverterPackage[],
  id: string,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nii-kit-'));
  try {
    const outcome = await outcomeOf({ all, folder, limits: defaultLimits }, files);
    if (outcome.kind === 'scan') return outcome.group.converter.id;
    const why =
      outcome.kind === 'rejected' ? `${outcome.code}: ${outcome.detail}` : 'it becomes several scans';
    throw new NiiError('NII_UNKNOWN_FORMAT', `${id}: no installed converter reads it (${why})`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From the simulation itself, not from what a reader made of its files. */
function sceneOf(layout: SimulateLayout, { scan }: SimulatedFiles): Scene {
  const timed = layout !== 'ase' && layout !== 'ase-three-panel';
  return {
    containers: scan.units.map(({ container }) => container),
    ...defined({ acquired: timed ? scan.acquired : undefined }),
    channels: channelsInLayout(layout, scan).map(({ kind, energy, samples }) => ({
      kind,
      ...defined({ energy }),
      rows: scan.rows,
      columns: scan.columns,
      sha256: sha256Hex(littleEndian(samples)),
    })),
  };
}

function littleEndian(samples: SceneChannel['samples']): Uint8Array {
  if (samples instanceof Uint8Array) return samples;
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((value, i) => {
    view.setUint16(2 * i, value, true);
  });
  return bytes;
}

async function writeCase(dir: string, id: string, files: readonly NamedBytes[]): Promise<void> {
  const folder = join(dir, 'cases', id);
  await mkdir(folder, { recursive: true });
  for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
}
