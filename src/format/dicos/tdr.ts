import type { DataSet } from '../../codec/dicom/data-set.ts';
import { explicitLittleEndian } from '../../codec/dicom/pixels/syntaxes.ts';
import { numbers, sequence, text } from '../../codec/dicom/write/build.ts';
import { encodePart10 } from '../../codec/dicom/write/part10.ts';
import type { AlarmDecision, NiiScan } from '../../core/scan/scan.ts';
import { equipmentModule, ooiModule, scanModule, seriesModule, sopCommonModule } from './common.ts';
import {
  type DicosIds,
  dicosVersion,
  implementationClass,
  implementationVersion,
  sopClass,
  type TdrReference,
  uidOf,
} from './ids.ts';
import { type AssessmentFlag, referenceItem, type TdrFinding, threatItems } from './threats.ts';
import { characterSetElements, free, momentOf } from './values.ts';

/** (4010,1021), the terms of V03. */
export const abortReasons = [
  'OVERSIZE_BAG',
  'CLIPPED_BAG',
  'INCOMPLETE_SCAN',
  'FAILED_RECON',
  'TIMEOUT',
  'NOT_REVIEWED',
  'UNKNOWN_DATATYPE',
  'USER_INTERRUPT',
  'OUT_OF_BOUNDS',
] as const;
type AbortReason = (typeof abortReasons)[number];

/** (4010,106E), the terms of V03. */
type ScreeningCriteria = 'RANDOM' | 'BEHAVIORAL' | 'ALL' | 'OWNER_RISK' | 'FLIGHT_RISK' | 'THREAT_LEVEL';

export interface TdrInput {
  readonly scan: NiiScan;
  readonly type: 'MACHINE' | 'OPERATOR' | 'GROUND TRUTH';
  readonly decision: AlarmDecision;
  /** Why nobody looked to the end; the decision is then UNKNOWN. */
  readonly abort?: AbortReason;
  readonly findings: readonly TdrFinding[];
  /** Why the object was screened beyond the rule, where it was; (4010,106E). */
  readonly screening?: ScreeningCriteria;
  /** Who looked, of a MACHINE report. */
  readonly algorithm?: { readonly manufacturer: string; readonly name: string; readonly version: string };
  /** Who looked, of an OPERATOR report; DICOS's operator is our analyst. */
  readonly operator?: { readonly id: string; readonly name?: string };
  /** RFC 3339. */
  readonly decidedAt: string;
  readonly processingMs: number;
  /** The DX instances that were looked at. */
  readonly references: readonly TdrReference[];
  readonly ids: DicosIds;
  /** Names this report among those of the revision: another name is another instance. */
  readonly instance: string;
  /** The unit that the report is about, where it is not the whole scan. */
  readonly unitId?: string;
}

export interface EncodedTdr {
  readonly bytes: Uint8Array;
  readonly sopInstanceUid: string;
}

/**
 * A Threat Detection Report (NEMA IIC 1 V03, section 12). The same input gives the same bytes.
 * @throws RangeError for a report that claims what nobody looked at: CLEAR or ALARM with an abort reason, a decision
 *   of a machine or an operator that is not named
 */
export function encodeTdr(input: TdrInput): EncodedTdr {
  requireHonest(input);
  const { scanId, revision } = input.ids;
  const sopInstance = uidOf(scanId, revision, input.type, input.instance, 'tdr');
  const elements = reportElements(input, sopInstance);
  const bytes = encodePart10([...characterSetElements(elements), ...elements], {
    sopClass: sopClass.tdr,
    sopInstance,
    transferSyntax: explicitLittleEndian,
    implementationClass,
    implementationVersion,
    dicosVersion,
  });
  return { bytes, sopInstanceUid: sopInstance };
}

function requireHonest({ type, decision, abort, algorithm, operator }: TdrInput): void {
  if (decision === 'UNKNOWN') return;
  if (abort !== undefined) throw new RangeError(`${decision} without a complete analysis: ${abort}`);
  if (type === 'MACHINE' && algorithm === undefined) throw new RangeError(`${decision} without an algorithm`);
  if (type === 'OPERATOR' && operator === undefined) throw new RangeError(`${decision} without an operator`);
}

function reportElements(input: TdrInput, sopInstance: string): DataSet {
  const { scan, ids, type, decidedAt } = input;
  const at = momentOf(decidedAt);
  const units = scan.units.filter(({ id }) => input.unitId === undefined || id === input.unitId);
  const series = {
    uid: uidOf(ids.scanId, ids.revision, type, input.instance, 'series'),
    modality: 'TDR',
    description: `${type} ${input.unitId ?? 'scan'} ${input.decision}`,
    at,
  } as const;
  return [
    ...sopCommonModule({
      scan,
      sopClass: sopClass.tdr,
      sopInstance,
      createdAt: at,
      contentAt: at,
      number: 1,
    }),
    ...ooiModule(ids, units),
    ...scanModule(scan, ids),
    sequence('00081110', ...input.references.map(referenceItem)),
    ...seriesModule(scan, series),
    ...equipmentModule(scan, ids),
    text('00200052', 'UI', uidOf(ids.scanId, ids.revision, 'frame-of-reference')),
    text('00201040', 'LO'),
    ...authorElements(input),
    ...decisionElements(input),
  ];
}

/** Says that the identifier beside it is text (V03 12.4). */
const textEncoding: DataSet = [
  text('00080100', 'SH', '100001'),
  text('00080102', 'SH', 'DCS'),
  text('00080104', 'LO', 'Text Encoding'),
];

/** Who decided: an algorithm by maker, version and parameters; a person by the id that the administration gave. */
function authorElements({ type, algorithm, operator, ids }: TdrInput): DataSet {
  const author = [text('40101027', 'CS', type)];
  if (type === 'MACHINE') return [...author, text('40101029', 'LO', ...algorithmValues(algorithm))];
  if (operator === undefined) return author;
  const person = [
    free('00080100', 'SH', operator.id),
    free('00080102', 'SH', ids.administration),
    free('00080104', 'LO', operator.name ?? operator.id),
  ];
  const identification = [
    free('00080080', 'LO', ids.administration),
    sequence('00401101', person, textEncoding),
  ];
  return [...author, sequence('00081072', identification)];
}

function algorithmValues(algorithm: TdrInput['algorithm']): readonly string[] {
  const { manufacturer, name, version } = algorithm ?? { manufacturer: 'none', name: 'none', version: '0' };
  const clean = (value: string) => value.replace(/[\\\s]+/g, ' ').slice(0, 64);
  return [clean(manufacturer), clean(version), clean(`name=${name.replaceAll('=', '-')}`)];
}

function decisionElements(input: TdrInput): DataSet {
  const { decision, abort, decidedAt, processingMs } = input;
  const end = momentOf(decidedAt);
  const start = momentOf(new Date(Date.parse(decidedAt) - processingMs).toISOString());
  const findings = reported(input);
  const assessment: AssessmentFlag = decision === 'ALARM' ? 'THREAT' : 'UNKNOWN';
  const context = { assessment, references: input.references, start, end, milliseconds: processingMs };
  const items = threatItems(findings, { ...context, isMachine: input.type === 'MACHINE' });
  const flags = findings.map((finding) => finding.assessment ?? assessment);
  return [
    text('40101031', 'CS', decision),
    text('4010102b', 'DT', end.dateTime),
    text('40101024', 'CS', abort === undefined ? 'SUCCESS' : 'ABORT'),
    ...(abort === undefined ? [] : [text('40101021', 'CS', abort)]),
    numbers('40101033', 'US', findings.length),
    numbers('40101034', 'US', flags.filter((flag) => flag.endsWith('THREAT') && flag !== 'NO_THREAT').length),
    numbers('40101069', 'FL', processingMs),
    ...screeningElements(input),
    sequence('40101011', ...items),
  ];
}

/** The method (4010,106F) is nowhere recorded: the sequence is empty. */
function screeningElements({ screening }: TdrInput): DataSet {
  if (screening === undefined) return [text('4010106d', 'CS', 'NO')];
  return [text('4010106d', 'CS', 'YES'), text('4010106e', 'CS', screening), sequence('4010106f')];
}

/** An alarm has at least one object; a clear scan none; without a decision, only what has a place. */
function reported({ decision, findings }: TdrInput): readonly TdrFinding[] {
  if (decision === 'CLEAR') return [];
  if (decision === 'UNKNOWN') return findings.filter(({ box }) => box !== undefined);
  return findings.length > 0 ? findings : [{ label: 'anomaly', description: 'no place was marked' }];
}
