import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Value from 'typebox/value';
import type { ConverterPackage } from '../convert/registry.ts';
import { NiiError } from '../core/errors.ts';
import { defaultLimits } from '../core/limits.ts';
import { type Check, compareWith } from './compare.ts';
import type { NamedBytes } from './fixtures.ts';
import { Kit, type KitCase } from './kit-schema.ts';
import { KIT_FILE } from './make-kit.ts';
import type { KitReport, ReportedCase } from './report.ts';
import { sceneChecks } from './scene-checks.ts';
import { contractLimits, outcomeOf, sha256 } from './subject.ts';

export interface ScoreWish {
  readonly dir: string;
  readonly converters: readonly ConverterPackage[];
  /** Only the cases of this converter. */
  readonly converter?: string;
  /** A folder with the files that another system made of each reference scene, in folders named as its case. */
  readonly exported?: string;
  readonly passMark: number;
  readonly scoredBy: string;
  readonly at: Date;
  readonly progress?: (cases: number) => void;
}

/**
 * Scores converters, or another system's export, against a kit.
 * @throws NII_NOT_FOUND where there is no kit, no such converter or no case of it; NII_MALFORMED, NII_CORRUPT for a kit that was changed
 */
export async function scoreKit(wish: ScoreWish): Promise<KitReport> {
  const { kit, hash } = await readKit(wish.dir);
  const cases = chosen(kit, wish);
  const folder = await mkdtemp(join(tmpdir(), 'nii-kit-'));
  try {
    const scored: ReportedCase[] = [];
    for (const one of cases) {
      scored.push(reported(one.id, await checksOf(one, wish, folder)));
      wish.progress?.(scored.length);
    }
    const score = scoreOf(scored);
    return {
      schemaVersion: '1.0',
      kit: { sha256: hash, madeBy: kit.madeBy, seed: kit.seed },
      subject: await subjectOf(wish),
      at: wish.at.toISOString(),
      scoredBy: wish.scoredBy,
      score,
      passMark: wish.passMark,
      passed: score >= wish.passMark,
      cases: scored,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readKit(dir: string): Promise<{ readonly kit: Kit; readonly hash: string }> {
  const text = await readFile(join(dir, KIT_FILE), 'utf8').catch((cause: unknown) => {
    throw new NiiError('NII_NOT_FOUND', { detail: `${dir} holds no kit; nii kit make DIR makes one`, cause });
  });
  const kit = parsed(text);
  if (!Value.Check(Kit, kit)) {
    const [first] = Value.Errors(Kit, kit);
    throw new NiiError('NII_MALFORMED', `${KIT_FILE}: ${first?.instancePath ?? ''} ${first?.message ?? ''}`);
  }
  return { kit, hash: sha256(new TextEncoder().encode(text)) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: `${KIT_FILE} is not JSON`, cause });
  }
}

function chosen({ cases }: Kit, { converter, exported, converters }: ScoreWish): readonly KitCase[] {
  if (exported !== undefined) return cases.filter((one) => one.kind === 'scene' && one.reference);
  if (converter === undefined) return cases;
  if (!converters.some(({ manifest }) => manifest.id === converter)) {
    throw new NiiError('NII_NOT_FOUND', `no converter ${converter} is installed; see nii converters`);
  }
  const own = cases.filter((one) => one.converter === converter);
  if (own.length > 0) return own;
  throw new NiiError('NII_NOT_FOUND', `the kit has no case of ${converter}; make it where that is installed`);
}

async function checksOf(one: KitCase, wish: ScoreWish, folder: string): Promise<readonly Check[]> {
  const files = await filesOf(one, wish);
  const [missing] = files.length === 0 ? [one.id] : [];
  if (missing !== undefined) {
    return [{ name: 'files', ok: false, expected: `files in a folder ${missing}`, found: 'none' }];
  }
  const limits = one.kind === 'scene' ? defaultLimits : contractLimits;
  const outcome = await outcomeOf({ all: wish.converters, folder, limits }, files);
  if (one.kind === 'scene') {
    const reader = wish.exported === undefined ? one.converter : undefined;
    return sceneChecks(one.scene, outcome, reader);
  }
  const version = wish.converters.find(({ manifest }) => manifest.id === one.converter)?.manifest.version;
  return compareWith(one.expected, outcome, { id: one.converter, version: version ?? 'not installed' });
}

async function filesOf(one: KitCase, { dir, exported }: ScoreWish): Promise<readonly NamedBytes[]> {
  if (exported !== undefined) return filesIn(join(exported, one.id));
  const files = await filesIn(join(dir, 'cases', one.id));
  for (const { name, sha256: stated } of one.files) {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined || sha256(file.bytes) !== stated) {
      throw new NiiError('NII_CORRUPT', `${one.id}/${name} is not the file that the kit was made with`);
    }
  }
  return files.filter(({ name }) => one.files.some((file) => file.name === name));
}

/** None where there is no such folder. */
async function filesIn(folder: string): Promise<readonly NamedBytes[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return Promise.all(
    names
      .toSorted()
      .map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(folder, name))) })),
  );
}

function reported(id: string, checks: readonly Check[]): ReportedCase {
  return {
    id,
    ok: checks.every(({ ok }) => ok),
    passed: checks.filter(({ ok }) => ok).length,
    checks: checks.map(({ name, ok, expected, found }) =>
      ok ? { name, ok } : { name, ok, expected: shown(expected), found: shown(found) },
    ),
  };
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 4096);
}

/** Percent, rounded down to a tenth: 100 is nothing but all. */
function scoreOf(cases: readonly ReportedCase[]): number {
  const all = cases.reduce((sum, { checks }) => sum + checks.length, 0);
  const passed = cases.reduce((sum, one) => sum + one.passed, 0);
  return all === 0 ? 0 : Math.floor((passed / all) * 1000) / 10;
}

async function subjectOf(wish: ScoreWish): Promise<KitReport['subject']> {
  if (wish.exported !== undefined) {
    const hash = createHash('sha256');
    for (const name of (await readdir(wish.exported)).toSorted()) {
      for (const file of await filesIn(join(wish.exported, name))) {
        hash.update(`${name}/${file.name}\0${sha256(file.bytes)}\n`);
      }
    }
    return {
      kind: 'export',
      id: wish.exported.split(/[\\/]/).at(-1) ?? 'export',
      sha256: hash.digest('hex'),
    };
  }
  if (wish.converter === undefined) return { kind: 'all-converters', id: 'all' };
  const found = wish.converters.find(({ manifest }) => manifest.id === wish.converter);
  const version = found?.manifest.version;
  return { kind: 'converter', id: wish.converter, ...(version === undefined ? {} : { version }) };
}
