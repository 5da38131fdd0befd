import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { exists } from '../../runtime/exists.ts';
import { toldOf } from '../../tools/contract/claims.ts';
import { makeKey, readKey } from '../../tools/kit/key.ts';
import { makeKit } from '../../tools/kit/make.ts';
import { readKit } from '../../tools/kit/read.ts';
import { type KitReport, requireSecret, signReport, verifyReport } from '../../tools/kit/report.ts';
import { casesFor, hashOfSubject, type ScoreWish, scoreKit } from '../../tools/kit/score.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  textOf,
  type Values,
  WrongUse,
  wholeNumber,
} from '../command.ts';
import { progressOf } from '../progress.ts';
import { json, table } from '../text.ts';

const LARGEST_SEED = 0xfffffff0;
const actions = ['make DIR', 'score DIR', 'key FILE', 'verify REPORT'];

export const kit: Command = {
  name: 'kit',
  summary: 'create the conformance kit, score a converter or an export, sign and verify the report',
  operands: 'make DIR | score DIR | key FILE | verify REPORT',
  options: {
    seed: { type: 'string', default: '1', help: '<N> make: seed of the simulated scenes' },
    scenes: { type: 'string', default: '1', help: '<N> make: number of scenes in each layout' },
    converter: {
      type: 'string',
      help: '<ID> score: only this converter (all). verify: check the report against the installed converter',
    },
    export: {
      type: 'string',
      help: '<DIR> score: another system’s output for the reference scenes, a folder for each case. verify: check the report against these files',
    },
    kit: { type: 'string', help: '<DIR> verify: check the report against this kit and all its cases' },
    pass: { type: 'string', default: '100', help: '<PERCENT> score: the pass mark' },
    key: {
      type: 'string',
      help: '<FILE> score: private key that signs the report; verify: trusted public key',
    },
    report: { type: 'string', help: '<FILE> score: output file for the signed report' },
  },
  notes: [
    'make    creates a kit: simulated scenes in every layout, the fixtures of every converter, and the expected results (kit.json)',
    'score   converts them, or the export, and compares the results. The exit code is 1 below the pass mark.',
    'key     creates an Ed25519 key pair: FILE is private, FILE.pub is for the people who verify',
    'verify  checks the signature of a report, and its subject with --kit and --export or --converter.',
    '        A signer can sign anything: for an acceptance test, score the files yourself.',
    '',
    'An export is scored on the reference scenes (scene-numpy-*): put your system’s output for cases/<id>',
    'into DIR/<id>, in any format that nii formats list shows. See docs/how-to/conformance-kit.md.',
  ],
  async run(context, values, operands) {
    const [action, operand, ...rest] = operands;
    if (operand === undefined || rest.length > 0) throw new WrongUse(invalidOperands(operands, actions));
    switch (action) {
      case 'make':
        return make(context, values, operand);
      case 'score':
        return score(context, values, operand);
      case 'key':
        return key(context, values, operand);
      case 'verify':
        return verify(context, values, operand);
      default:
        throw new WrongUse(invalidOperands(operands, actions));
    }
  },
};

async function make(context: CliContext, values: Values, dir: string): Promise<number> {
  const { converters } = await context.tools();
  const progress = progressOf(context.terminal, 'cases made');
  const made = await makeKit({
    dir,
    converters,
    seed: wholeNumber(values, 'seed', LARGEST_SEED) ?? 1,
    scenes: wholeNumber(values, 'scenes', 15) ?? 1,
    madeBy: `nii-hub ${context.version}`,
    progress: progress.count,
  });
  progress.end();
  const scenes = made.cases.filter(({ kind }) => kind === 'scene').length;
  context.terminal.out(
    values.json === true
      ? json(made)
      : `${dir}: ${made.cases.length} cases, ${scenes} of them simulated scenes\nNext: nii kit score ${dir}\n`,
  );
  return exitCode.done;
}

async function score(context: CliContext, values: Values, dir: string): Promise<number> {
  const [converter, exported, reportFile] = ['converter', 'export', 'report'].map((name) =>
    textOf(values, name),
  );
  const keyFile = textOf(values, 'key');
  if (converter !== undefined && exported !== undefined)
    throw new WrongUse('--converter cannot be used with --export');
  if ((reportFile === undefined) !== (keyFile === undefined)) {
    throw new WrongUse('Missing --report or --key: a signed report needs both; nii kit key creates a key');
  }
  const secret = keyFile === undefined ? undefined : await readKey(keyFile);
  if (secret !== undefined) requireSecret(secret);
  if (reportFile !== undefined) await requireFree(reportFile);
  const { converters } = await context.tools();
  const progress = progressOf(context.terminal, 'cases scored');
  const report = await scoredUnlessStopped(context, {
    dir,
    converters,
    ...defined({ converter, exported }),
    passMark: wholeNumber(values, 'pass', 100) ?? 100,
    scoredBy: `nii-hub ${context.version}`,
    at: new Date(),
    progress: progress.count,
    signal: context.signal,
  });
  progress.end();
  if (report === undefined) return exitCode.failed;
  if (secret !== undefined && reportFile !== undefined) {
    await writeReport(reportFile, `${await signReport(report, secret)}\n`);
  }
  context.terminal.out(values.json === true ? json(report) : describe(report));
  return report.passed ? exitCode.done : exitCode.failed;
}

/** Undefined, and said, where it was interrupted. */
async function scoredUnlessStopped(
  { signal, terminal }: CliContext,
  wish: ScoreWish,
): Promise<KitReport | undefined> {
  try {
    return await scoreKit(wish);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    terminal.err('nii kit: interrupted before every case was scored; no report was written\n');
    return undefined;
  }
}

/** Said before the work is done, which takes a while. */
async function requireFree(path: string): Promise<void> {
  if (await exists(path))
    throw new NiiError(
      'NII_CONFLICT',
      `Invalid --report "${path}": this file already exists; choose another file name`,
    );
  if ((await stat(dirname(path)).catch(() => undefined))?.isDirectory() !== true)
    throw new NiiError(
      'NII_NOT_FOUND',
      `Invalid --report "${path}": the folder ${dirname(path)} does not exist; create it first`,
    );
}

async function writeReport(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    throw new NiiError('NII_CONFLICT', {
      detail: `The report "${path}" cannot be written: check the permissions and the space of its folder`,
      cause,
    });
  }
}

function describe(report: KitReport): string {
  const rows = report.cases.map(({ id, ok, passed, checks }) => [
    id,
    `${passed}/${checks.length}`,
    ok ? 'ok' : toldOf(checks).map(fault).join('; '),
  ]);
  const { kind, id } = report.subject;
  return [
    table(['case', 'checks', 'outcome'], rows),
    `${kind} ${id}: ${report.score} %, the pass mark is ${report.passMark} %: ${report.passed ? 'passed' : 'NOT passed'}`,
    '',
  ].join('\n');
}

function fault({ name, expected, found }: KitReport['cases'][number]['checks'][number]): string {
  return `${name}: found ${found ?? 'nothing'}, expected ${expected ?? 'nothing'}`;
}

async function key({ terminal }: CliContext, values: Values, path: string): Promise<number> {
  const { publicPath, thumbprint } = await makeKey(path);
  terminal.out(
    values.json === true
      ? json({ path, publicPath, thumbprint })
      : `${path} signs, ${publicPath} verifies; thumbprint ${thumbprint}\n`,
  );
  return exitCode.done;
}

async function verify(context: CliContext, values: Values, path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new NiiError('NII_NOT_FOUND', {
      detail: `The report "${path}" cannot be read: specify a file that nii kit score --report wrote`,
      cause,
    });
  });
  const trusted = textOf(values, 'key');
  const { report, thumbprint } = await verifyReport(
    text,
    trusted === undefined ? undefined : await readKey(trusted),
  );
  await requireAbout(context, values, report);
  if (values.json === true)
    context.terminal.out(json({ thumbprint, trusted: trusted !== undefined, report }));
  else context.terminal.out(verdictText(report, thumbprint, trusted !== undefined));
  return exitCode.done;
}

/**
 * That the report is of the kit and of the subject that are here, as far as they were named.
 * @throws NII_HASH_MISMATCH saying what it is not of
 */
async function requireAbout(context: CliContext, values: Values, report: KitReport): Promise<void> {
  const [dir, converter, exported] = ['kit', 'converter', 'export'].map((name) => textOf(values, name));
  if (dir === undefined) {
    if (converter !== undefined || exported !== undefined)
      throw new WrongUse('Missing option --kit: --converter and --export need it');
    return;
  }
  const { kit, hash } = await readKit(dir);
  const mismatch = (what: string) => new NiiError('NII_HASH_MISMATCH', `the report is not about ${what}`);
  if (report.kit.sha256 !== hash) throw mismatch(`the kit in ${dir}`);
  const { kind, id } = report.subject;
  const { converters } = await context.tools();
  const said = {
    converters,
    ...defined({
      exported: kind === 'export' ? id : undefined,
      converter: kind === 'converter' ? id : undefined,
    }),
  };
  const ids = (cases: readonly { readonly id: string }[]) => String(cases.map((one) => one.id).toSorted());
  if (ids(casesFor(kit, said)) !== ids(report.cases))
    throw new NiiError('NII_HASH_MISMATCH', 'the report does not cover every kit case of its subject');
  if (exported !== undefined || converter !== undefined) {
    const here = {
      converters,
      ...defined({ exported, converter }),
    };
    const isKind = exported === undefined ? kind === 'converter' && id === converter : kind === 'export';
    if (!isKind || report.subject.sha256 !== (await hashOfSubject(kit, here)))
      throw mismatch(
        exported === undefined
          ? `the converter ${converter} that is installed here`
          : `the files in ${exported}`,
      );
  }
}

/** Names are the sender's: quoted, so that they cannot pretend to be lines of ours. */
function verdictText(report: KitReport, thumbprint: string, isTrusted: boolean): string {
  const { subject, kit: of, score: percent, passMark, passed, at, scoredBy, cases } = report;
  const version = subject.version === undefined ? '' : ` ${quoted(subject.version)}`;
  const failed = cases.filter(({ ok }) => !ok).length;
  return [
    `${subject.kind} ${quoted(subject.id)}${version}: ${percent} %, the pass mark is ${passMark} %: ${passed ? 'passed' : 'NOT passed'}`,
    `${cases.length} cases, ${failed} of them failed; scored at ${at} by ${quoted(scoredBy)}`,
    `files         ${subject.sha256 ?? 'not stated'}`,
    `kit           ${of.sha256} (seed ${of.seed}, made by ${quoted(of.madeBy)})`,
    `signed by the key ${thumbprint}${isTrusted ? '' : '; to check against a key that you trust, use --key'}`,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return /^[\w.+ -]*$/.test(text) ? text : JSON.stringify(text).replace(/[^\x20-\x7e]/g, '?');
}
