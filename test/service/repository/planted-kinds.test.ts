import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
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
    mustAnswer: ['src/core/scan/completeness.ts'],
  },
  purpose: {
    file: 'src/core/scan/purposes.ts',
    before: 'purposes = [',
    member: 'planted-purpose',
    mustAnswer: ['src/core/scan/purposes.ts', 'src/format/dicos/common.ts'],
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
      'src/stored/reports.ts',
      'src/triage/instruction.ts',
      'src/triage/verdict/own-decision.ts',
      'src/triage/verdicts.ts',
    ],
  },
  'lane instruction': {
    file: 'src/core/case/lane.ts',
    before: 'LaneInstruction = Type.Enum([',
    member: 'planted-instruction',
    mustAnswer: ['src/triage/instruction.ts', 'src/triage/lane.ts', 'src/triage/passage.ts'],
  },
  'row of the table of instructions': {
    file: 'src/core/case/lane.ts',
    before: 'LaneReason = Type.Enum([',
    member: 'planted-reason',
    mustAnswer: ['src/triage/instruction.ts'],
  },
  'case state': {
    file: 'src/core/case/case-states.ts',
    before: 'CaseState = Type.Enum([',
    member: 'planted-case-state',
    mustAnswer: ['src/core/case/case-states.ts', 'src/triage/instruction.ts'],
  },
  'hold state': {
    file: 'src/core/radiation/hold-states.ts',
    before: 'HoldState = Type.Enum([',
    member: 'planted-hold-state',
    mustAnswer: ['src/core/radiation/hold-states.ts', 'src/triage/instruction.ts'],
  },
  role: {
    file: 'src/core/access.ts',
    before: 'roles = [',
    member: 'planted-role',
    mustAnswer: ['src/core/access.ts', 'src/http/routes/rights.ts', 'src/http/visibility.ts'],
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
  const here = inOrder.filter(({ file }) => file === name);
  return here.reduce((so, { before, member, text: inserted = "'$'," }) => {
    expect(so.split(before), `${name} states ${member} at one place`).toHaveLength(2);
    return so.replace(before, `${before}${inserted.replace('$', member)}`);
  }, text);
}

/** All of src/ with every plant at once: one check takes as long as eleven would for each alone. */
function faultsOfPlanted(): readonly Fault[] {
  const { options, fileNames } = settings();
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
  return fileNames.flatMap((path) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(path))
      .map((diagnostic) => faultOf(path, diagnostic)),
  );
}

function settings(): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(`${repositoryRoot}tsconfig.json`, ts.sys.readFile);
  return ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, repositoryRoot);
}

/** A type check of all sources takes about 20 s of one core; build servers share theirs. */
const TYPE_CHECK_MS = 600_000;

interface Fault {
  readonly file: string;
  readonly message: string;
}

function faultOf(path: string, { code, messageText, file, start = 0 }: ts.Diagnostic): Fault {
  const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
  const message = ts.flattenDiagnosticMessageText(messageText, ' ');
  return { file: nameOf(path), message: `${nameOf(path)}:${line} TS${code} ${message}` };
}

function nameOf(path: string): string {
  return path.startsWith(repositoryRoot) ? path.slice(repositoryRoot.length) : path;
}

describe('a new member of an enum does not compile until every decision about it is made', () => {
  let faults: readonly Fault[] = [];
  beforeAll(() => {
    faults = faultsOfPlanted();
  }, TYPE_CHECK_MS);

  test.each(Object.entries(plants))('%s', (_, { member, mustAnswer }) => {
    const its = faults.filter(({ message }) => message.includes(`"${member}"`));
    console.info(its.map(({ message }) => short(message)).join('\n'));
    expect(new Set(its.map(({ file }) => file))).toEqual(new Set(mustAnswer));
  });

  test('and nothing else fails', () => {
    const others = faults.filter(
      ({ message }) => !inOrder.some(({ member }) => message.includes(`"${member}"`)),
    );
    expect(others.map(({ message }) => message)).toEqual([]);
  });
});

/** The place, the code, and what is missing; types of whole tables are left out. */
function short(message: string): string {
  return message.replace(/\{ .* \}/gs, '{ … }');
}
