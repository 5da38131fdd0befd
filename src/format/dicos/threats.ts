import type { DataSet } from '../../codec/dicom/data-set.ts';
import { numbers, sequence, text } from '../../codec/dicom/write/build.ts';
import { defined } from '../../core/defined.ts';
import type { TdrReference } from './ids.ts';
import { type Region, regionElements, turnedRegion, withinSection } from './region.ts';
import { free, type Moment } from './values.ts';

/** (4010,1012), the terms of V03. */
type ThreatCategory = 'EXPLOSIVE' | 'PI' | 'CONTRABAND' | 'ANOMALY' | 'LAPTOP' | 'PHARMACEUTICAL' | 'OTHER';

/** (4010,1015). */
export type AssessmentFlag = 'HIGH_THREAT' | 'THREAT' | 'NO_THREAT' | 'UNKNOWN';

/** One potential threat object (PTO); its box, mask and outline are in stored samples of the view. */
export interface TdrFinding extends Partial<Region> {
  /** What the model or the analyst calls it. */
  readonly label: string;
  readonly description?: string;
  /** That alone shows it; all of its view unless given. */
  readonly channel?: string;
  /** ANOMALY where nothing more is known. */
  readonly category?: ThreatCategory;
  /** Higher than this share of comparable scans, 0 to 100; said in words, never as a probability. */
  readonly percentile?: number;
  readonly assessment?: AssessmentFlag;
}

/** What all objects of one report share. */
export interface ThreatContext {
  readonly isMachine: boolean;
  readonly assessment: AssessmentFlag;
  readonly references: readonly TdrReference[];
  readonly start: Moment;
  readonly end: Moment;
  readonly milliseconds: number;
}

const mostObjects = 0xffff;

/** The threat sequence (4010,1011): one item an object, numbered from 1. */
export function threatItems(findings: readonly TdrFinding[], context: ThreatContext): readonly DataSet[] {
  if (findings.length > mostObjects) throw new RangeError(`a report can have at most ${mostObjects} objects`);
  return findings.map((finding, i) => threatItem(finding, i + 1, context));
}

function threatItem(finding: TdrFinding, id: number, context: ThreatContext): DataSet {
  const seen = representations(finding, context);
  return [
    numbers('40101010', 'US', id),
    sequence('40101038', assessment(finding, context)),
    ...(seen.length === 0 ? [] : [sequence('40101037', ...seen)]),
    text('40101080', 'DT', context.start.dateTime),
    text('40101081', 'DT', context.end.dateTime),
    numbers('40101082', 'FL', context.milliseconds),
  ];
}

/** The probability (4010,1016) is left out: a percentile among other scans is none. */
function assessment(finding: TdrFinding, context: ThreatContext): DataSet {
  return [
    text('40101012', 'CS', finding.category ?? 'ANOMALY'),
    free('40101013', 'LT', describe(finding)),
    text('40101014', 'CS', 'NO_INTERFERENCE'),
    text('40101015', 'CS', finding.assessment ?? context.assessment),
  ];
}

function describe({ label, description, percentile }: TdrFinding): string {
  const rank = percentile === undefined ? undefined : `higher than ${percentile} % of comparable scans`;
  return [label, description, rank].filter((part) => part !== undefined).join('; ');
}

/**
 * One item for the view that shows the object, naming all its channels, or one for each section that it reaches into;
 * a machine always names what it looked at.
 */
function representations(finding: TdrFinding, context: ThreatContext): readonly DataSet[] {
  const { box, channel } = finding;
  if (box === undefined) return context.isMachine ? [referenced(context.references)] : [];
  const shown = context.references.filter(
    (one) => one.view === box.view && (channel === undefined || one.channel === channel),
  );
  return byPart(shown).flatMap(({ section, turned, references }) => {
    const whole = { ...finding, box };
    const part = section === undefined ? whole : withinSection(whole, section);
    if (part === undefined) return [];
    const region = turned === undefined ? part : turnedRegion(part, turned);
    return [[...referenced(references), ...regionElements(region)]];
  });
}

interface Shown extends Pick<TdrReference, 'section' | 'turned'> {
  readonly references: readonly TdrReference[];
}

/** References to the same part of their channels in the same order of samples; one group where there are none. */
function byPart(references: readonly TdrReference[]): readonly Shown[] {
  const parts = new Map<string, TdrReference[]>();
  for (const one of references) {
    const key = JSON.stringify([one.section, one.turned]);
    parts.set(key, [...(parts.get(key) ?? []), one]);
  }
  if (parts.size === 0) return [{ references: [] }];
  return [...parts.values()].map((of) => ({
    ...defined({ section: of[0]?.section, turned: of[0]?.turned }),
    references: of,
  }));
}

function referenced(references: readonly TdrReference[]): DataSet {
  return [sequence('0008114a', ...references.map(referenceItem))];
}

/** A referenced instance (PS3.3 table 10-11). */
export function referenceItem({ sopClass, sopInstance }: TdrReference): DataSet {
  return [text('00081150', 'UI', sopClass), text('00081155', 'UI', sopInstance)];
}
