import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { sha256Hex } from '../../codec/sha256.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { defaultLimits, type Limits } from '../../core/limits.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';
import { type Check, checksOf, compareWith } from '../contract/compare.ts';
import type { NamedBytes } from '../contract/fixtures.ts';
import { contractLimits, type Outcome, outcomeOf, type Place } from '../contract/subject.ts';
import { filesOfCase, filesOfExport, readKit } from './read.ts';
import { type KitReport, type ReportedCase, scoreOf } from './report.ts';
import { sceneChecks } from './scene-checks.ts';
import type { Kit, KitCase } from './schema.ts';
import { ScoreProcess } from './score-process.ts';
import { addExported, hashOfPackages, NamedHash } from './subject-hash.ts';

/** What is scored: converters, or another system's export. */
export interface Scored {
  readonly converters: readonly ConverterPackage[];
  /** Only the cases of this converter. */
  readonly converter?: string;
  /** A folder with the files that another system made of each reference scene, in folders named as its case. */
  readonly exported?: string;
}

export interface ScoreWish extends Scored {
  readonly dir: string;
  readonly passMark: number;
  readonly scoredBy: string;
  readonly at: Date;
  /** Wall time of one conversion; as in the service unless given. */
  readonly seconds?: number;
  readonly progress?: (cases: number) => void;
  /** Ends the scoring: nothing is reported of a part. */
  readonly signal?: AbortSignal;
}

/**
 * Scores converters, or another system's export, against a kit. Cases are converted in a guarded process and judged
 * in this one: a reader that crashes, hangs or ends its process fails its cases.
 * @throws NII_NOT_FOUND where there is no kit, no such converter, no such export or no case for it; NII_MALFORMED,
 * NII_CORRUPT for a kit that was changed; NII_CONFLICT where a package changed meanwhile; the signal's reason once
 * that is aborted
 */
export async function scoreKit(wish: ScoreWish): Promise<KitReport> {
  const { kit, hash } = await readKit(wish.dir);
  const cases = casesFor(kit, wish);
  await requireExport(wish);
  const before = await hashOfPackages(packagesOf(wish));
  const folder = await mkdtemp(join(tmpdir(), 'nii-kit-'));
  const process = new ScoreProcess(folder, wish.signal);
  try {
    const exported = new NamedHash();
    const scored: ReportedCase[] = [];
    for (const one of cases) {
      const checks = await checksOfCase(one, { wish, folder, exported, process });
      wish.signal?.throwIfAborted(); // the checks are of a conversion that was cut
      scored.push(reported(one.id, checks));
      wish.progress?.(scored.length);
    }
    if ((await hashOfPackages(packagesOf(wish))) !== before)
      throw new NiiError('NII_CONFLICT', 'A converter changed while it was scored; score it again');
    wish.signal?.throwIfAborted();
    return reportOf(wish, {
      kit,
      hash,
      scored,
      subject: wish.exported === undefined ? before : exported.hex(),
    });
  } finally {
    await process.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Result {
  readonly kit: Kit;
  readonly hash: string;
  readonly scored: readonly ReportedCase[];
  /** SHA-256 of what was scored. */
  readonly subject: string;
}

function reportOf(wish: ScoreWish, { kit, hash, scored, subject }: Result): KitReport {
  const score = scoreOf(scored);
  return {
    schemaVersion: '1.0',
    kit: { sha256: hash, madeBy: kit.madeBy, seed: kit.seed },
    subject: { ...nameOf(wish), sha256: subject },
    at: wish.at.toISOString(),
    scoredBy: wish.scoredBy,
    score,
    passMark: wish.passMark,
    passed: score >= wish.passMark,
    cases: [...scored],
  };
}

function nameOf({ exported, converter, converters }: Scored): KitReport['subject'] {
  if (exported !== undefined) return { kind: 'export', id: basename(resolve(exported)) };
  if (converter === undefined) return { kind: 'all-converters', id: 'all' };
  const version = converters.find(({ manifest }) => manifest.id === converter)?.manifest.version;
  return { kind: 'converter', id: converter, ...defined({ version }) };
}

/** The packages whose work is scored. */
function packagesOf({ converters, converter, exported }: Scored): readonly ConverterPackage[] {
  if (exported !== undefined) return [];
  return converters.filter(({ manifest }) => converter === undefined || manifest.id === converter);
}

/** The cases that the subject is scored on. @throws NII_NOT_FOUND where there is none */
export function casesFor({ cases }: Kit, { converter, exported, converters }: Scored): readonly KitCase[] {
  if (exported !== undefined) {
    const references = cases.filter((one) => one.kind === 'scene' && one.reference);
    if (references.length > 0) return references;
    throw new NiiError('NII_NOT_FOUND', 'the kit has no reference scene; create one with --scenes 1 or more');
  }
  if (converter === undefined) return cases;
  if (!converters.some(({ manifest }) => manifest.id === converter)) {
    throw new NiiError('NII_NOT_FOUND', `Unknown converter "${converter}": nii formats list shows all`);
  }
  const own = cases.filter((one) => one.converter === converter);
  if (own.length > 0) return own;
  throw new NiiError(
    'NII_NOT_FOUND',
    `the kit has no case for ${converter}; create the kit where this converter is installed`,
  );
}

async function requireExport({ exported }: Scored): Promise<void> {
  if (exported === undefined || (await stat(exported).catch(() => undefined))?.isDirectory() === true) return;
  throw new NiiError(
    'NII_NOT_FOUND',
    `${exported} is not a folder; put the exported files into ${exported}/<case id>`,
  );
}

/** SHA-256 of the subject as a report has it, of the files that are there now. */
export async function hashOfSubject(kit: Kit, scored: Scored): Promise<string> {
  const { exported } = scored;
  if (exported === undefined) return hashOfPackages(packagesOf(scored));
  await requireExport(scored);
  const hash = new NamedHash();
  for (const { id } of casesFor(kit, scored)) addExported(hash, id, await filesOfExport(exported, id));
  return hash.hex();
}

interface Scoring {
  readonly wish: ScoreWish;
  readonly folder: string;
  /** Takes in what was read of the export. */
  readonly exported: NamedHash;
  readonly process: ScoreProcess;
}

async function checksOfCase(one: KitCase, scoring: Scoring): Promise<readonly Check[]> {
  const { wish, exported } = scoring;
  const { dir, converters } = wish;
  const place = placeOf(one, scoring);
  if (wish.exported !== undefined) {
    const files = await filesOfExport(wish.exported, one.id);
    addExported(exported, one.id, files);
    const outcome = await outcomeOf(place, files);
    return one.kind === 'scene' ? exportChecks(one, files, outcome) : [];
  }
  const outcome = await outcomeOf(place, await filesOfCase(dir, one));
  if (one.kind === 'scene') return sceneChecks(one.scene, outcome, one.converter);
  const version = converters.find(({ manifest }) => manifest.id === one.converter)?.manifest.version;
  return compareWith(one.expected, outcome, { id: one.converter, version: version ?? 'not installed' });
}

function placeOf({ kind }: KitCase, { wish, folder, process }: Scoring): Place {
  const limits: Limits = {
    ...(kind === 'scene' ? defaultLimits : contractLimits),
    ...defined({ convertSeconds: wish.seconds }),
  };
  return { all: wish.converters, folder, limits, convert: (conversion) => process.convert(conversion) };
}

/** Those of the scene, and that there are files which the system wrote itself. */
function exportChecks(
  { id, files: given, scene }: Extract<KitCase, { kind: 'scene' }>,
  files: readonly NamedBytes[],
  outcome: Outcome,
): readonly Check[] {
  const isGiven = ({ bytes }: NamedBytes) => given.some((file) => file.sha256 === sha256Hex(bytes));
  const found = files.length === 0 ? 'none' : files.every(isGiven) ? 'those of the kit itself' : 'its own';
  const written = checksOf([[`files in a folder ${id}`, 'its own', () => found]], files);
  return [...written, ...sceneChecks(scene, outcome, undefined)];
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
