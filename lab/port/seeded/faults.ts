/**
 * Rules of the service that are switched off one by one. The adversary must find each: a rule whose loss it does not find is a hole
 * in the adversary. A test holds each text to occur once in its file.
 */
export interface SeededFault {
  /** What the service does then. */
  readonly name: string;
  /** In the repository. */
  readonly file: string;
  readonly rule: string;
  readonly without: string;
}

const join = 'src/triage/radiation-join.ts';
const near = 'src/triage/alarm-near.ts';
const triage = 'src/triage/case.ts';
const instruction = 'src/triage/instruction.ts';
const stored = 'src/stored/lane-instruction.ts';

export const seededFaults: readonly SeededFault[] = [
  {
    name: 'a join by time is sure without a pair window',
    file: join,
    rule: 'const isPaired = window !== undefined && isStraying !== true && only.isStraying !== true;',
    without: 'const isPaired = true;',
  },
  {
    name: 'a time that strays from its receipt is sure',
    file: 'src/core/rules/clock.ts',
    rule: 'return Math.abs(Date.parse(written) - Date.parse(receivedAt)) > STRAYS_MS;',
    without: 'return Math.abs(Date.parse(written) - Date.parse(receivedAt)) < 0;',
  },
  {
    name: 'receipt does not count beside a written time',
    file: near,
    rule: '[Date.parse(written), received]',
    without: '[Date.parse(written)]',
  },
  {
    name: 'an alarm near a vehicle does not hold it',
    file: stored,
    rule: '.filter((hold) => couldBelongTo(hold, seen, rules))',
    without: '.filter((hold) => couldBelongTo(hold, seen, rules) && hold.id === "")',
  },
  {
    name: 'a record that is still to be read holds nothing',
    file: instruction,
    rule: "['record-unread', hasUnread],",
    without: "['record-unread', false],",
  },
  {
    name: 'what is open against a container stays with its scan',
    file: instruction,
    rule: '    ...sameMark.flatMap((other) => rowsGoingAlong(other, alarms)),\n',
    without: '',
  },
  {
    name: 'other scans of the visit say nothing',
    file: stored,
    rule: 'const ofVisit = await readVisit(tx, scan, visit.scans, rules);',
    without: 'const ofVisit = await readVisit(tx, scan, [], rules);',
  },
  {
    name: 'a hold by hand holds nothing',
    file: instruction,
    rule: "['held-by-hand', isHeldByHand],",
    without: "['held-by-hand', false],",
  },
  {
    name: 'the gap after a restore holds nothing',
    file: instruction,
    rule: "isInGap === true ? [{ code: 'recovery-gap' }] : []",
    without: '[]',
  },
  {
    name: 'administrators close the gap after a restore between themselves',
    file: 'src/features/service-holds/decide.ts',
    rule: '      requireCloser(command.actor, opened);\n',
    without: '',
  },
  {
    name: 'a clock that jumped holds nothing',
    file: instruction,
    rule: "['clock-unsure', isClockUnsure],",
    without: "['clock-unsure', false],",
  },
  {
    name: 'what loosens is in force by one person',
    file: 'src/commands/decide-document.ts',
    rule: "const state = isLooser ? 'proposed' : 'in-force';",
    without: "const state = 'in-force' as 'proposed' | 'in-force';",
  },
  {
    name: 'who was made by the first person is the second',
    file: 'src/core/person/move.ts',
    rule: ' && move.madeBy?.includes(id) !== true',
    without: '',
  },
  {
    name: 'one officer alone says which vehicle an alarm is of',
    file: 'src/triage/holds/hand-join.ts',
    rule: 'joinProposal !== undefined && isOther(move, joinProposal.officer) && wordOf(joinProposal) === wordOf(said)',
    without: "joinProposal?.officer !== '' || wordOf(said) === '' || isOther(move, '')",
  },
  {
    name: 'a reopening empties the readings',
    file: triage,
    rule: 'return given.filter(({ kind }) => isAgainst(kind));',
    without: "return given.filter(({ kind }) => isAgainst(kind) && kind === 'normal');",
  },
  {
    name: 'a reopening forgets a find',
    file: triage,
    rule: '    ...findOf(current),\n',
    without: '',
  },
  {
    name: 'a reopening forgets a search that is owed',
    file: triage,
    rule: '    ...owedSearchOf(current),\n',
    without: '',
  },
  {
    name: 'who reads a case reads it again',
    file: 'src/core/case/not-readers.ts',
    rule: '...new Set([...readers(current), ...actorsOf(current,',
    without: '...new Set([...actorsOf(current,',
  },
  {
    name: 'readers who disagree let the last one decide',
    file: 'src/triage/readings.ts',
    rule: 'return isAgreed(told) ? last : undefined;',
    without: 'return isAgreed(told) ? last : last;',
  },
  {
    name: 'a search of a part is enough',
    file: instruction,
    rule: "if (kind === 'nothing-found' && extent === 'full') return 'nothing-found';",
    without: "if (kind === 'nothing-found' && extent !== undefined) return 'nothing-found';",
  },
  {
    name: 'who searched accepts the search',
    file: triage,
    rule: 'const ofSearch = isSmall && !isFound ? [] : searchReporters(current);',
    without: 'const ofSearch = isFound ? searchReporters(current).slice(9) : [];',
  },
  {
    name: 'a danger that nobody has acknowledged holds nothing',
    file: instruction,
    rule: 'return danger !== undefined && danger.acknowledged === undefined;',
    without: "return danger !== undefined && danger.by === '';",
  },
  {
    name: 'an object of inspection says more than its vehicle',
    file: 'src/triage/lane.ts',
    rule: 'units: cases.map(({ unitId, container }) => ({ unitId, instruction,',
    without: "units: cases.map(({ unitId, container }) => ({ unitId, instruction: 'proceed' as const,",
  },
  {
    name: 'one officer ends an alarm of neutrons',
    file: 'src/triage/radiation.ts',
    rule: 'const takesTwo = isOfGrave || wasReal(current) || !isShown;',
    without: 'const takesTwo = wasReal(current) || !isShown;',
  },
  {
    name: 'what an officer says needs nothing that shows it',
    file: 'src/triage/radiation.ts',
    rule: 'const isShown = requireEvidence(given, { hold: current, evidence, move });',
    without: 'const isShown = evidence !== undefined && given !== undefined;',
  },
  {
    name: 'who confirmed an alarm releases its vehicle',
    file: 'src/triage/radiation.ts',
    rule: "if (isReleased && !isOther(move, current.adjudication?.officer ?? '')) {",
    without: "if (isReleased && move.actor === '') {",
  },
  {
    name: 'a duplicate ends its alarm',
    file: instruction,
    rule: "? 'alarm-duplicate'\n        : 'alarm-waits';",
    without: "? 'alarm-duplicate'\n        : 'alarm-duplicate';",
  },
];
