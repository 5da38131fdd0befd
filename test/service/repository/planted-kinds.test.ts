import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodesOf } from '../../../scripts/house/sources.ts';
import type { WordKey } from '../../../src/page/words/en.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** A new member of an enum, where the enum is stated, and every file that must answer for it. */
interface Plant {
  readonly file: string;
  /** The enum up to its first member. */
  readonly before: string;
  readonly member: string;
  /** What is written there; $ stands for the member. A text in quotes unless given. */
  readonly text?: string;
  readonly mustAnswer: readonly string[];
}

const plants: Readonly<Record<string, Plant>> = {
  'channel kind': {
    file: 'src/core/scan/channel-kinds.ts',
    before: 'ChannelKind = Type.Enum([',
    member: 'planted-channel-kind',
    mustAnswer: ['src/core/scan/channel-kinds.ts', 'src/format/dicos/dx-image.ts', 'src/infer/choose.ts'],
  },
  completeness: {
    file: 'src/core/scan/completeness.ts',
    before: 'Completeness = Type.Enum(\n  [',
    member: 'planted-completeness',
    mustAnswer: ['src/core/scan/completeness.ts', 'src/page/words/en.ts'],
  },
  purpose: {
    file: 'src/core/scan/circumstances.ts',
    before: 'purposes = [',
    member: 'planted-purpose',
    mustAnswer: ['src/core/scan/circumstances.ts', 'src/format/dicos/common.ts'],
  },
  'scan state': {
    file: 'src/core/scan/scan-states.ts',
    before: 'ScanState = Type.Enum([',
    member: 'planted-scan-state',
    mustAnswer: ['src/adapters/postgres/records/scans.ts', 'src/core/scan/scan-states.ts'],
  },
  verdict: {
    file: 'src/core/case/case.ts',
    before: 'VerdictKind = Type.Enum([',
    member: 'planted-verdict',
    mustAnswer: [
      'src/format/search-order/words.ts',
      'src/page/case/kinds.ts',
      'src/page/words/en.ts',
      'src/stored/reports.ts',
      'src/triage/instruction.ts',
      'src/triage/verdicts.ts',
    ],
  },
  'outcome of a search': {
    file: 'src/core/case/case.ts',
    before: 'OutcomeKind = Type.Enum([',
    member: 'planted-outcome',
    mustAnswer: [
      'src/page/case/kinds.ts',
      'src/page/words/en.ts',
      'src/stored/reports.ts',
      'src/triage/instruction.ts',
      'src/features/own-decisions/rules.ts',
      'src/triage/verdicts.ts',
    ],
  },
  'lane instruction': {
    file: 'src/core/case/lane.ts',
    before: 'LaneInstruction = Type.Enum([',
    member: 'planted-instruction',
    mustAnswer: [
      'src/page/case/verdict/outlook.tsx',
      'src/page/vehicles/told-now.tsx',
      'src/page/words/en.ts',
      'src/triage/instruction.ts',
      'src/features/passages/rules.ts',
    ],
  },
  'row of the table of instructions': {
    file: 'src/core/case/lane.ts',
    before: 'LaneReason = Type.Enum([',
    member: 'planted-reason',
    mustAnswer: ['src/page/case/verdict/outlook.tsx', 'src/triage/instruction.ts'],
  },
  'case state': {
    file: 'src/core/case/case-states.ts',
    before: 'CaseState = Type.Enum([',
    member: 'planted-case-state',
    mustAnswer: [
      'src/core/case/case-states.ts',
      'src/page/case/kinds.ts',
      'src/page/words/en.ts',
      'src/triage/instruction.ts',
    ],
  },
  'hold state': {
    file: 'src/core/radiation/hold-states.ts',
    before: 'HoldState = Type.Enum([',
    member: 'planted-hold-state',
    mustAnswer: ['src/core/radiation/hold-states.ts', 'src/page/words/en.ts', 'src/triage/instruction.ts'],
  },
  role: {
    file: 'src/core/access.ts',
    before: 'roles = [',
    member: 'planted-role',
    mustAnswer: [
      'src/core/access.ts',
      'src/http/routes/rights.ts',
      'src/http/visibility.ts',
      'src/page/app.tsx',
      'src/page/shell/sections.tsx',
    ],
  },
  'job kind': {
    file: 'src/core/rows/job.ts',
    before: 'Job = Type.Union([',
    text: "jobOf('$', ofRevision),",
    member: 'planted-job',
    mustAnswer: ['src/adapters/postgres/jobs.ts', 'src/core/rows/job.ts', 'src/steps/worker.ts'],
  },
};

const inOrder = Object.values(plants);

/** The file with everything that is planted in it. */
function planted(name: string, text: string): string {
  if (name === INTERFACE) return plantedInterface(text);
  const here = inOrder.filter(({ file }) => file === name);
  return here.reduce((so, { before, member, text: inserted = "'$'," }) => {
    expect(so.split(before), `${name} states ${member} at one place`).toHaveLength(2);
    return so.replace(before, `${before}${inserted.replace('$', member)}`);
  }, text);
}

/** Types of the public interface, by which the page knows most enums. */
const INTERFACE = 'schemas/openapi.d.ts';

/** The same enums as they are generated into the public interface, with their new members. */
function plantedInterface(text: string): string {
  return inOrder.reduce((so, { file, before, member, text: inserted }) => {
    if (inserted !== undefined) return so;
    const [, list = ''] = readFileSync(`${repositoryRoot}${file}`, 'utf8').split(before);
    const members = [...list.slice(0, list.indexOf(']')).matchAll(/'([a-z-]+)'/g)];
    const union = members.map(([, name]) => `"${name}"`).join(' | ');
    expect(so.includes(union), `${INTERFACE} has the members of ${member}`).toBe(true);
    return so.replaceAll(union, `${union} | "${member}"`);
  }, text);
}

/** Our sources with every plant at once: one check takes as long as one for each plant would. */
function plantedCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'nii-planted-'));
  symlinkSync(join(repositoryRoot, 'node_modules'), join(copy, 'node_modules'));
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.page.json'])
    cpSync(join(repositoryRoot, name), join(copy, name));
  for (const folder of ['src', 'schemas'])
    cpSync(join(repositoryRoot, folder), join(copy, folder), { recursive: true });
  for (const name of [INTERFACE, ...new Set(inOrder.map(({ file }) => file))])
    writeFileSync(join(copy, name), planted(name, readFileSync(join(repositoryRoot, name), 'utf8')));
  return copy;
}

/** What the compiler says of the folder. */
function faultsIn(copy: string, project: string, folder: string): readonly Fault[] {
  const { include: _, ...settings } = ts.readConfigFile(join(copy, project), ts.sys.readFile).config;
  writeFileSync(join(copy, project), JSON.stringify({ ...settings, include: [folder] }));
  const tsc = join(repositoryRoot, 'node_modules/typescript-native/bin/tsc');
  // a long union would be cut before its new member
  const args = [tsc, '--project', project, '--noEmit', '--pretty', 'false', '--noErrorTruncation'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  expect(stderr).toBe('');
  // what explains a fault stands below it, indented
  return stdout.split(/\n(?! )/).flatMap((text) => faultOf(text.replace(/\s*\n\s*/g, ' ')) ?? []);
}

/** Comparisons of an enum with one of its members: a new member takes the other way, and the compiler is silent. */
function comparisonsIn(copy: string, project: string, folder: string): readonly string[] {
  const { options, fileNames } = parsed(copy, project);
  const program = ts.createProgram({ rootNames: fileNames, options });
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${copy}/${folder}/`));
  expect(files.length).toBeGreaterThan(100);
  const checker = program.getTypeChecker();
  const isPlanted = (node: ts.Expression) => {
    const type = checker.getTypeAtLocation(node);
    return inOrder.some(({ member }) =>
      (type.isUnion() ? type.types : []).some((one) => one.isStringLiteral() && one.value === member),
    );
  };
  return files.flatMap((file) =>
    [...nodesOf(file)]
      .filter((node) => ts.isBinaryExpression(node))
      .filter(({ operatorToken }) => isEquality(operatorToken.kind))
      .filter(({ left, right }) => {
        if (ts.isStringLiteral(right)) return isPlanted(left);
        return ts.isStringLiteral(left) && isPlanted(right);
      })
      .map((node) => `${file.fileName}: ${node.getText(file)}`),
  );
}

function isEquality(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
  );
}

function parsed(copy: string, project: string): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(join(copy, project), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, copy);
}

/** A type check of all sources; build servers share their cores. */
const TYPE_CHECK_MS = 600_000;

interface Fault {
  readonly file: string;
  readonly message: string;
}

/** @param text - `file(line,column): error TScode: message` */
function faultOf(text: string): Fault | undefined {
  const {
    name = '',
    code,
    message = '',
  } = /^(?<name>[^(]+)\([0-9,]+\): error TS(?<code>[0-9]+): (?<message>.*)$/.exec(text)?.groups ?? {};
  if (code === undefined) return undefined;
  // wherever the page lacks a sentence, its catalogue is what answers
  const lacksWords =
    name.startsWith('src/page/') && code === ARGUMENT_OF_OTHER_TYPE && message.includes(`"${ANY_SENTENCE}"`);
  return { file: lacksWords ? 'src/page/words/en.ts' : name, message: text };
}

/** A key of the sentences of the page, by which the type of all of them is known. */
const ANY_SENTENCE = 'app.title' satisfies WordKey;
const ARGUMENT_OF_OTHER_TYPE = '2345';

describe('a new member of an enum does not compile until every decision about it is made', () => {
  let faults: readonly Fault[] = [];
  let comparisons: readonly string[] = [];
  beforeAll(() => {
    const copy = plantedCopy();
    try {
      faults = [
        ...faultsIn(copy, 'tsconfig.json', 'src'),
        ...faultsIn(copy, 'tsconfig.page.json', 'src/page'),
      ];
      comparisons = comparisonsIn(copy, 'tsconfig.page.json', 'src/page');
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }, TYPE_CHECK_MS);

  test.each(Object.entries(plants))('%s', (_, { member, mustAnswer }) => {
    const its = faults.filter(({ message }) => message.includes(`${member}"`));
    console.info(its.map(({ message }) => short(message)).join('\n'));
    expect(new Set(its.map(({ file }) => file))).toEqual(new Set(mustAnswer));
  });

  test('and the page compares none of them with a literal, but asks a table', () => {
    expect(comparisons).toEqual([]);
  });

  test('and nothing else fails', () => {
    const others = faults.filter(
      ({ message }) => !inOrder.some(({ member }) => message.includes(`${member}"`)),
    );
    expect(others.map(({ message }) => message)).toEqual([]);
  });
});

/** The place, the code, and what is missing; types of whole tables are left out. */
function short(message: string): string {
  return message.replace(/\{ .* \}/gs, '{ … }').slice(0, MOST_SHOWN);
}

const MOST_SHOWN = 400;
