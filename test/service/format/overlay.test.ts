import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../../src/core/case/finding.ts';
import { previewedChannel } from '../../../src/core/scan/channel-kinds.ts';
import { planeKey } from '../../../src/core/scan/scan.ts';
import type { Turn } from '../../../src/core/scan/turn.ts';
import { drawOverlay } from '../../../src/format/overlay.ts';
import {
  type OverlayBox,
  overlayBands,
  overlayBoxColour,
  overlayPlace,
} from '../../../src/format/overlay-legend.ts';
import { greyPng, renderPreview } from '../../../src/format/preview.ts';
import { fixturesOfAll } from '../../../src/tools/contract/contract.ts';
import { contractLimits, outcomeOf } from '../../../src/tools/contract/subject.ts';
import { installed, temporaryFolder } from '../../support/staging.ts';
import type { FixtureScan } from './standard/written.ts';

const noTurn: Turn = { flipRows: false, rotate: 0, flipColumns: false };

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const pixel = (i: number) => [...data.subarray(i * info.channels, (i + 1) * info.channels)];
  return { rows: info.height, columns: info.width, pixel, count: info.width * info.height };
}

/** Rows and columns between which all pixels lie that are so. */
function extentOf({ columns, count }: { columns: number; count: number }, isSo: (i: number) => boolean) {
  const found = Array.from({ length: count }, (_, i) => i).filter(isSo);
  const rows = found.map((i) => Math.floor(i / columns));
  const across = found.map((i) => i % columns);
  return {
    count: found.length,
    box: {
      rowFrom: Math.min(...rows),
      rowTo: Math.max(...rows) + 1,
      columnFrom: Math.min(...across),
      columnTo: Math.max(...across) + 1,
    },
  };
}

const analysisOf = (view: string, box: OverlayBox): Analysis => ({
  model: { id: 'm', version: '1', sha256: 'a'.repeat(64) },
  status: 'analysed',
  view,
  units: [],
  findings: [{ id: 'f', label: 'anomaly', box: { view, ...box }, score: 1, anomalyPercentile: 99 }],
  milliseconds: 1,
});

/** A patch in the first corner of the stored samples, denser than the rest: it says how the picture lies. */
async function overlaid({ scan, planes }: FixtureScan) {
  const shown = previewedChannel(scan.views);
  if (shown === undefined) throw new Error('no samples');
  const { view, channel } = shown;
  const box = {
    rowFrom: 0,
    rowTo: Math.ceil(channel.rows / 3),
    columnFrom: 0,
    columnTo: Math.ceil(channel.columns / 4),
  };
  const inPatch = (i: number) =>
    Math.floor(i / channel.columns) < box.rowTo && i % channel.columns < box.columnTo;
  const sampleBytes = channel.bitsAllocated / 8;
  const pixelBytes = sampleBytes * channel.samplesPerPixel;
  const plane = new Uint8Array(channel.bytes).map((_, i) => (inPatch(Math.floor(i / pixelBytes)) ? 5 : 32));
  const marked = new Map([...planes, [planeKey(view.id, channel.id), plane]]);
  const preview = await pixelsOf((await renderPreview({ scan, planes: marked }))?.preview ?? plane);
  const map = Uint8Array.from({ length: channel.rows * channel.columns }, (_, i) => (inPatch(i) ? 255 : 0));
  const place = overlayPlace(scan, analysisOf(view.id, box));
  if (place === undefined) throw new Error('no place');
  const png = await drawOverlay({
    map: await greyPng({ rows: channel.rows, columns: channel.columns, bytes: map }),
    display: view.display,
    sides: place,
    boxes: [],
  });
  return { preview, overlay: await pixelsOf(png), place };
}

/** Scans of the first fixtures of each converter. What is classes, packed bits or planes of colour has no patch as it is made here. */
async function someScans(folder: string): Promise<readonly FixtureScan[]> {
  const place = { all: installed, folder, limits: contractLimits };
  const found: FixtureScan[] = [];
  for (const [converter, fixtures] of await fixturesOfAll(installed)) {
    for (const { name, files } of fixtures.slice(0, 3)) {
      const outcome = await outcomeOf(place, files);
      const channel =
        outcome.kind === 'scan' ? previewedChannel(outcome.result.scan.views)?.channel : undefined;
      if (outcome.kind !== 'scan' || channel === undefined) continue;
      const { kind, bitsAllocated, planar, rows, columns } = channel;
      if (kind === 'class-map' || bitsAllocated === 1 || planar || Math.max(rows, columns) > 2048) continue;
      found.push({ ...outcome.result, converter, name: `${converter}-${name}` });
      break;
    }
  }
  return found;
}

describe('the map over the preview', () => {
  let scans: readonly FixtureScan[] = [];
  const folder = temporaryFolder();
  beforeAll(async () => {
    scans = await someScans(folder);
  }, 120_000);

  test('lies on it for the scans of every converter, however they are turned', async () => {
    const turned = scans.filter(
      ({ scan }) => JSON.stringify(previewedChannel(scan.views)?.view.display) !== JSON.stringify(noTurn),
    );
    expect(turned.length).toBeGreaterThan(1);
    for (const one of scans) {
      const { preview, overlay, place } = await overlaid(one);
      expect([one.name, overlay.rows, overlay.columns]).toEqual([one.name, preview.rows, preview.columns]);
      const shown = extentOf(overlay, (i) => overlay.pixel(i)[3] !== 0);
      const patch = String(preview.pixel(shown.box.rowFrom * preview.columns + shown.box.columnFrom));
      const marked = extentOf(preview, (i) => String(preview.pixel(i)) === patch);
      expect([one.name, marked]).toEqual([one.name, shown]);
      expect([one.name, place.findings[0]?.box]).toEqual([one.name, shown.box]);
    }
  });
});

describe('an overlay', () => {
  const draw = async (
    map: readonly number[],
    columns: number,
    sides = { rows: 1, columns },
    boxes: OverlayBox[] = [],
  ) => {
    const png = await greyPng({ rows: map.length / columns, columns, bytes: Uint8Array.from(map) });
    return pixelsOf(await drawOverlay({ map: png, display: noTurn, sides, boxes }));
  };

  test('is transparent where the map says nothing, and has the colours of the legend elsewhere', async () => {
    const values = [0, 63, 64, 127, 128, 191, 192, 255];
    const found = await draw(values, values.length);
    const wanted = values.map((value) => {
      const band = overlayBands.find(({ from, to }) => from <= value && value <= to);
      return band === undefined ? [0, 0, 0, 0] : [...band.colour, Math.round(255 * band.opacity)];
    });
    expect(values.map((_, i) => found.pixel(i))).toEqual(wanted);
    expect(found.pixel(0)[3]).toBe(0);
  });

  test('loses no single value of a map that is larger than the preview', async () => {
    const map = Array.from({ length: 700 }, (_, i) => (i === 333 ? 255 : 0));
    const found = await draw(map, 100, { rows: 3, columns: 20 });
    const shown = extentOf(found, (i) => found.pixel(i)[3] !== 0);
    expect(shown.count).toBeGreaterThan(0);
    expect(shown.count).toBeLessThan(5);
  });

  test('draws boxes as outlines, inside of the picture', async () => {
    const sides = { rows: 20, columns: 30 };
    const box = { rowFrom: 5, rowTo: 15, columnFrom: 20, columnTo: 30 };
    const found = await draw([0], 1, sides, [box]);
    const drawn = extentOf(found, (i) => String(found.pixel(i)) === String([...overlayBoxColour, 255]));
    expect(drawn.box).toEqual(box);
    expect(drawn.count).toBe(10 * 10 - 6 * 6);
    expect(found.pixel(10 * 30 + 25)).toEqual([0, 0, 0, 0]);
  });
});
