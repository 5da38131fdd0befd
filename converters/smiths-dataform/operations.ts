import type { ImportedReport, Operation, Sdk, XmlNode } from '../../src/sdk/sdk.ts';
import { childrenOf, nodeAt, textAt } from './form.ts';

/** Types that were seen with a known meaning; 14 was seen between them without one. */
const kinds: Readonly<Record<string, Operation['kind']>> = { 1: 'acquisition', 3: 'analysis' };

const OPERATIONS_CEILING = 256;
const REPORTS_CEILING = 256;

/** Oldest first; a form may list the analysis before an acquisition that was written later. */
export function operationsIn(root: XmlNode): readonly XmlNode[] {
  const operations = childrenOf(nodeAt(root, 'Operations'), 'Operation').slice(0, OPERATIONS_CEILING);
  return operations.toSorted((a, b) => startOf(a) - startOf(b));
}

/** What has no time stays where it stands. */
function startOf(operation: XmlNode): number {
  const start = Date.parse(textAt(operation, 'Start'));
  return Number.isNaN(start) ? 0 : start;
}

export function kindOf({ attributes }: XmlNode): Operation['kind'] {
  return kinds[attributes.Type ?? ''] ?? 'other';
}

export function historyOf(root: XmlNode, sdk: Sdk): readonly Operation[] {
  return operationsIn(root).map((node) => ({
    kind: kindOf(node),
    ...named('type', node.attributes.Type?.slice(0, 64) ?? ''),
    ...timeOf('start', node, 'Start', sdk),
    ...timeOf('end', node, 'End', sdk),
    ...named('operator', sdk.clip(textAt(node, 'Login'))),
    ...named('workstation', sdk.clip(textAt(node, 'Workstation'))),
    ...named('system', sdk.clip(textAt(node, 'System'))),
    ...named('site', sdk.clip(textAt(node, 'Site'))),
    ...named('verdict', verdictOf(node)),
    ...marksOf(node),
  }));
}

function named<Name extends string>(name: Name, text: string): { readonly [key in Name]?: string } {
  return text === '' ? {} : ({ [name]: text } as { readonly [key in Name]?: string });
}

function timeOf(name: 'start' | 'end', node: XmlNode, element: string, sdk: Sdk): Partial<Operation> {
  const written = textAt(node, element);
  return written === '' ? {} : { [name]: sdk.timeText(written) };
}

/** A code; what each means is not public. */
function verdictOf(node: XmlNode): string {
  const verdict = nodeAt(node, 'Verdict');
  return (verdict?.text.trim() || (verdict?.attributes.Value ?? '')).slice(0, 256);
}

function marksOf(node: XmlNode): Pick<Operation, 'marks'> {
  const marks = nodeAt(node, 'Marks');
  return marks === undefined ? {} : { marks: marks.children.length };
}

/** What operators decided, and what automatic recognitions found. Neither states a decision in words that are public. */
export function reportsOf(root: XmlNode, source: string, sdk: Sdk): readonly ImportedReport[] {
  const operations = operationsIn(root);
  const verdicts = operations
    .filter((node) => kindOf(node) === 'analysis')
    .map((node) => operatorReport(node, source, sdk));
  const recognised = operations.flatMap((node) =>
    childrenOf(nodeAt(node, 'ATR_Results'), 'ATR').map((atr) => machineReport(atr, node, source, sdk)),
  );
  return [...verdicts, ...recognised].slice(0, REPORTS_CEILING);
}

function operatorReport(node: XmlNode, source: string, sdk: Sdk): ImportedReport {
  const at = textAt(node, 'End');
  return {
    source: source.slice(0, 1024),
    type: 'OPERATOR',
    decision: 'UNKNOWN',
    ...named('verdict', verdictOf(node)),
    ...(at === '' ? {} : { at: sdk.timeText(at) }),
    ...named('by', textAt(node, 'Login').slice(0, 1024)),
    references: [],
    objects: [],
  };
}

function machineReport(atr: XmlNode, operation: XmlNode, source: string, sdk: Sdk): ImportedReport {
  const by = [atr.attributes.ATRType ?? '', textAt(atr, 'Version')].filter((text) => text !== '').join(' ');
  const at = textAt(operation, 'End');
  const labels = childrenOf(nodeAt(atr, 'Comments'), 'Label');
  const said = labels.flatMap((label) => childrenOf(label, 'Param')).map(({ text }) => text);
  const status = textAt(atr, 'Status');
  const text = [status === '' ? '' : `Status: ${status}`, ...said].filter((one) => one !== '').join('; ');
  return {
    source: source.slice(0, 1024),
    type: 'MACHINE',
    decision: 'UNKNOWN',
    ...named('verdict', textAt(atr, 'Result').slice(0, 256)),
    ...(at === '' ? {} : { at: sdk.timeText(at) }),
    ...named('by', by.slice(0, 1024)),
    references: [],
    objects: [],
    ...named('text', sdk.clip(text)),
  };
}
