import type { ScanFacts, Written } from '../../codec/dicom/nii-block.ts';
import { sha256Hex } from '../../codec/sha256.ts';
import { defined } from '../../core/defined.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import type { Section } from '../../core/scan/sections.ts';
import type { Place } from '../place.ts';
import type { Carried } from './carried.ts';
import type { DicosIds } from './ids.ts';

interface Recorded {
  readonly scan: NiiScan;
  readonly plane: Uint8Array;
  readonly section?: Section;
  readonly ids: DicosIds;
}

/** What the private block carries: the view and channel as the record has them, and what they were made from. */
export function recordOf(
  { scan, ids, section, plane }: Recorded,
  { view, channel, turn, instanceNumber }: Place,
  changes: Carried['changes'],
) {
  const { channels: _, ...viewAlone } = view;
  const written: Written = { ...defined({ turn }), ...changes };
  const isFirst = instanceNumber === 1 && (section === undefined || section.number === 1);
  return {
    ...defined({ scan: scanFactsFor(scan, isFirst) }),
    schemaVersion: scan.schemaVersion,
    scanId: ids.scanId,
    revision: ids.revision,
    view: viewAlone,
    channel,
    ...defined({ written: Object.keys(written).length === 0 ? undefined : written }),
    ...defined({ section: section && { ...section, sha256: sha256Hex(plane) } }),
    converter: scan.converter,
    originals: scan.originals.map(({ sha256 }) => sha256),
  };
}

/** Facts of up to this many characters stand in every instance, larger ones in the first alone. */
const FACTS_EVERYWHERE = 64 * 1024;

/** What the record says of the whole scan, so that a second installation reads the same record. */
function scanFactsFor(scan: NiiScan, isFirst: boolean): ScanFacts | undefined {
  const { acquired, purpose, completeness, units, history, consignments, control } = scan;
  const { visit: _, ...source } = scan.source;
  const facts = {
    source,
    acquired,
    purpose,
    completeness,
    units,
    ...defined({ history, consignments, control }),
  };
  return isFirst || JSON.stringify(facts).length <= FACTS_EVERYWHERE ? facts : undefined;
}
