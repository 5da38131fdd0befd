import type { Analysis } from '../core/finding.ts';
import type { NiiScan } from '../core/scan.ts';
import { findRegions, type PlacedUnit, placeUnits, scoreUnits } from './findings.ts';
import { type Geometry, turnBack } from './geometry.ts';
import type { ModelManifest } from './manifest.ts';
import { smooth, type ValueMap } from './smooth.ts';
import { atOnce, type Steps } from './turns.ts';

/** What a model said, with its anomaly map: 8 bits, stored orientation, the model's resolution. */
export interface AnalysisResult {
  readonly analysis: Analysis;
  readonly map?: { readonly rows: number; readonly columns: number; readonly bytes: Uint8Array };
}

/** Pure: the same map gives the same analysis. `milliseconds` is carried along and not compared. */
export function toAnalysis(
  scan: Pick<NiiScan, 'units' | 'views'>,
  manifest: ModelManifest,
  geometry: Geometry,
  map: ValueMap,
  milliseconds: number,
): AnalysisResult {
  return atOnce(analysisSteps(scan, manifest, geometry, map, milliseconds));
}

/** The same, in parts of a few milliseconds. */
export function* analysisSteps(
  scan: Pick<NiiScan, 'units' | 'views'>,
  manifest: ModelManifest,
  geometry: Geometry,
  map: ValueMap,
  milliseconds: number,
): Steps<AnalysisResult> {
  const smoothed = smooth(map);
  yield;
  const plane = turnBack(geometry, to8Bits(map.values));
  yield;
  const units = placeUnits(scan.units, geometry);
  const scores = scoreUnits(smoothed, units, manifest);
  yield;
  const findings = findRegions(smoothed, geometry, units, manifest);
  const notes = notesOf(scan, geometry, units);
  const analysis: Analysis = {
    model: modelName(manifest),
    status: 'analysed',
    view: geometry.view,
    alarm: scores.some(({ score }) => score >= manifest.thresholds.score),
    units: [...scores],
    findings: [...findings],
    reference: { population: manifest.reference.population, count: manifest.reference.count },
    pitch: { ...geometry.pitch },
    map: { rows: plane.rows, columns: plane.columns },
    ...(notes.length === 0 ? {} : { notes: [...notes] }),
    milliseconds,
  };
  return { analysis, map: plane };
}

/** Why this model did not look; never to be taken for a clean bill. */
export function notAnalysed(manifest: ModelManifest, reason: string): Analysis {
  return {
    model: modelName(manifest),
    status: 'not-analysed',
    reason,
    units: [],
    findings: [],
    milliseconds: 0,
  };
}

function modelName({ id, version, sha256 }: ModelManifest): Analysis['model'] {
  return { id, version, sha256 };
}

function to8Bits(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    bytes[i] = Math.round(Math.min(Math.max(values[i] ?? 0, 0), 1) * 255);
  }
  return bytes;
}

/** What was assumed or left out, in words. */
function notesOf(
  { views }: Pick<NiiScan, 'views'>,
  geometry: Geometry,
  units: readonly PlacedUnit[],
): readonly string[] {
  return [
    ...openBeamNotes(geometry),
    ...(geometry.pitch.source === 'assumed'
      ? ['The pixel pitch is assumed from the height of the scanner']
      : []),
    ...(geometry.filled > 0 ? [`${geometry.filled} samples without a measured value were filled`] : []),
    ...unitNotes(units),
    ...views.filter(({ id }) => id !== geometry.view).map(({ id }) => `View '${id}' was not looked at`),
  ];
}

function openBeamNotes({ openBeam }: Geometry): readonly string[] {
  return openBeam
    .filter(({ source }) => source === 'estimated')
    .map(({ channel, value }) => `Open beam of channel '${channel}' is estimated as ${value}`);
}

function unitNotes(units: readonly PlacedUnit[]): readonly string[] {
  const unplaced = units.filter(({ placed }) => !placed).map(({ unitId }) => `'${unitId}'`);
  if (units.length < 2 || unplaced.length === 0) return [];
  return [
    `Nothing says where ${unplaced.join(', ')} lie in the image; they have the score of the whole image`,
  ];
}
