import { describe, expect, test } from 'vitest';
import type { RadiationRecord } from '../../../src/core/radiation/radiation.ts';
import {
  type NotAnalysedReason,
  notAnalysedReasons,
  whyNotAnalysed,
} from '../../../src/core/scan/not-analysed.ts';
import type { Attachment, ImportedReport, NiiScan } from '../../../src/core/scan/scan.ts';
import { channelOf, scanOf } from '../../support/scan.ts';

const whole = scanOf([channelOf()]);
const nothing: NiiScan = { ...whole, views: [], completeness: 'incomplete' };
const report: ImportedReport = {
  source: 'r.dcs',
  type: 'OPERATOR',
  decision: 'ALARM',
  references: [],
  objects: [],
};
const unread: Attachment = {
  name: 'a.Img',
  kind: 'undecoded',
  mediaType: 'application/octet-stream',
  bytes: 1,
  sha256: 'a'.repeat(64),
};
/** A record as the DICOM converter makes one of a file that is not DICOS. */
function dicom(modality: string, part = {}): NiiScan {
  const channel = channelOf({ id: 'image', kind: 'unknown', polarity: 'unknown', frames: 40, ...part });
  return scanOf([channel], {
    source: { format: 'dicom' },
    vendor: { 'a.dcm': { '00080060': { vr: 'CS', value: [modality] } } },
  });
}

const forNobody: readonly (readonly [NotAnalysedReason, NiiScan])[] = [
  ['report-alone', { ...nothing, reports: [report] }],
  ['no-image', nothing],
  ['image-unread', { ...nothing, attachments: [unread], reports: [report] }],
  ['other-field', dicom('CT')],
  ['other-field', dicom('MR', { frames: 1 })],
  ['other-field', dicom('US', { kind: 'display', polarity: 'none' })],
];

describe('an operational scan is for no analyst', () => {
  test.each(forNobody)('because of %s', (reason, scan) => {
    expect(whyNotAnalysed(scan)).toBe(reason);
    expect(notAnalysedReasons[reason].inWords).not.toBe('');
  });

  test.each([
    ['with an image', whole],
    ['with a picture alone', scanOf([channelOf({ kind: 'display', polarity: 'none' })])],
    ['of which nobody knows what its channel measures', scanOf([channelOf({ kind: 'unknown' })])],
    ['that is a projection in plain DICOM', dicom('DX', { frames: 1 })],
    ['that is a DICOS CT', { ...dicom('CT'), source: { format: 'dicos' } }],
    ['of a portal', { ...nothing, radiation: [{ id: 'o1' } as RadiationRecord] }],
    ['for calibration', { ...nothing, purpose: 'calibration' as const }],
  ])('and one %s is none of these', (_, scan) => {
    expect(whyNotAnalysed(scan)).toBeUndefined();
  });
});
