import { readFileSync } from 'node:fs';
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

interface PlantedProgram {
  readonly program: ts.Program;
  readonly files: readonly ts.SourceFile[];
}

/** A program with every plant at once: one check takes as long as one for each plant would. */
function plantedProgram(project: string, folder: string): PlantedProgram {
  const { options, fileNames } = settings(project, folder);
  const host = ts.createCompilerHost(options);
  const read = host.readFile;
  host.readFile = (path) => {
    const text = read(path);
    return text === undefined ? undefined : planted(nameOf(path), text);
  };
  host.getSourceFile = (path, languageVersion) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion);
  };
  const program = ts.createProgram({ rootNames: fileNames, options, host });
  const files = program.getSourceFiles().filter(({ fileName }) => nameOf(fileName).startsWith(`${folder}/`));
  return { program, files };
}

function faultsOf({ program, files }: PlantedProgram): readonly Fault[] {
  return files.flatMap((file) =>
    program.getSemanticDiagnostics(file).map((diagnostic) => faultOf(file.fileName, diagnostic)),
  );
}

/** Comparisons of an enum with one of its members: a new member takes the other way, and the compiler is silent. */
function comparisonsIn({ program, files }: PlantedProgram): readonly string[] {
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
      .map((node) => `${nameOf(file.fileName)}: ${node.getText(file)}`),
  );
}

function isEquality(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
  );
}

function settings(project: string, folder: string): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(`${repositoryRoot}${project}`, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent({ ...config, include: [folder] }, ts.sys, repositoryRoot);
  // a long union would be cut before its new member
  return { ...parsed, options: { ...parsed.options, noErrorTruncation: true } };
}

/** A type check of all sources takes about 30 s of one core; build servers share theirs. */
const TYPE_CHECK_MS = 600_000;

interface Fault {
  readonly file: string;
  readonly message: string;
}

function faultOf(path: string, { code, messageText, file, start = 0 }: ts.Diagnostic): Fault {
  const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
  const message = ts.flattenDiagnosticMessageText(messageText, ' ');
  // wherever the page lacks a sentence, its catalogue is what answers
  const isOfPage = nameOf(path).startsWith('src/page/');
  const lacksWords = isOfPage && code === ARGUMENT_OF_OTHER_TYPE && message.includes(`"${ANY_SENTENCE}"`);
  return {
    file: lacksWords ? 'src/page/words/en.ts' : nameOf(path),
    message: `${nameOf(path)}:${line} TS${code} ${message}`,
  };
}

/** A key of the sentences of the page, by which the type of all of them is known. */
const ANY_SENTENCE = 'app.title' satisfies WordKey;
const ARGUMENT_OF_OTHER_TYPE = 2345;

function nameOf(path: string): string {
  return path.startsWith(repositoryRoot) ? path.slice(repositoryRoot.length) : path;
}

describe('a new member of an enum does not compile until every decision about it is made', () => {
  let faults: readonly Fault[] = [];
  let comparisons: readonly string[] = [];
  beforeAll(() => {
    const page = plantedProgram('tsconfig.page.json', 'src/page');
    faults = [...faultsOf(plantedProgram('tsconfig.json', 'src')), ...faultsOf(page)];
    comparisons = comparisonsIn(page);
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
