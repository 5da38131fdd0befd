import sharp from 'sharp';
import { numberOf } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { planeInMemory } from '../../../src/core/scan/plane-source.ts';
import type { Channel, View } from '../../../src/core/scan/scan.ts';
import { exportChannel } from '../../../src/format/export.ts';
import { renderPreview } from '../../../src/format/preview.ts';
import { type FixtureScan, fixtureScans } from '../../service/format/standard/written.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { ids } from '../../support/scan.ts';

/** A scan of a converter's fixture: our preview of its first channel, and the DICOS file of that. */
export interface Rendered {
  readonly name: string;
  readonly converter: string;
  readonly preview: Uint8Array;
  readonly bytes: Uint8Array;
  readonly transferSyntax: string;
  readonly hasWindow: boolean;
}

/** Of every fixture whose first channel other programs show, and the converters of which there are fixtures with samples. */
export async function renderedFixtures(folder: string) {
  const scans = await asymmetricScans(folder);
  const found: Rendered[] = [];
  for (const one of scans) {
    const [view] = one.scan.views;
    const [channel] = view?.channels ?? [];
    if (view !== undefined && channel !== undefined && isShown(channel)) {
      found.push(await rendered(one, view, channel));
    }
  }
  return { fixtures: found, converters: [...new Set(scans.map(({ converter }) => converter))] };
}

/** DCMTK and Orthanc show integers of up to 16 bits. */
function isShown({ bitsAllocated, sampleFormat }: Channel): boolean {
  return bitsAllocated <= 16 && sampleFormat !== 'float';
}

/** The fixtures, with other samples where theirs look much the same in two orientations. */
async function asymmetricScans(folder: string): Promise<readonly FixtureScan[]> {
  const steps = Uint8Array.from({ length: 24 * 40 }, (_, i) => 40 + 4 * (i % 40) + 2 * Math.floor(i / 40));
  steps.fill(0, 0, 200);
  const jpeg = await sharp(steps, { raw: { width: 40, height: 24, channels: 1 } })
    .jpeg()
    .toBuffer();
  return fixtureScans(folder, (converter, files) =>
    files.map((file) => {
      if (converter === 'fake') return { ...file, bytes: fakeScan({ rows: 2, columns: 40 }) };
      const isPicture = converter === 'rapiscan-p60' && file.name.endsWith('.jpg');
      return isPicture ? { ...file, bytes: jpeg } : file;
    }),
  );
}

async function rendered(
  { scan, planes, name, converter }: FixtureScan,
  view: View,
  channel: Channel,
): Promise<Rendered> {
  const one = { ...scan, views: [{ ...view, channels: [channel] }] };
  const pictures = await renderPreview({ scan: one, planes });
  const plane = planeInMemory(planes.get(`${view.id}-${channel.id}`) ?? new Uint8Array());
  const request = {
    ...{ scan: one, viewId: view.id, channelId: channel.id, plane },
    ids: { ...ids, scanId: name },
    format: 'dicos-presentation',
    limits: defaultLimits,
  } as const;
  for await (const { bytes } of exportChannel(request)) {
    const { transferSyntax, dataSet } = readDicom(bytes, name, defaultLimits);
    const hasWindow = numberOf(dataSet, '00281050') !== undefined;
    const preview = pictures?.preview ?? new Uint8Array();
    return { name, converter, preview, bytes, transferSyntax, hasWindow };
  }
  throw new Error(`${name} gives no file`);
}
