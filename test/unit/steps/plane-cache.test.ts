import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { type PlaneSource, planeInMemory, planesInMemory } from '../../../src/core/scan/plane-source.ts';
import { planeKey } from '../../../src/core/scan/scan.ts';
import { PlaneCache } from '../../../src/steps/stored-planes.ts';
import { channelOf, scanOf, viewOf } from '../../support/infer/scans.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A scan of one channel with these samples. */
function scanWith(samples: Uint8Array, kind: 'transmission' | 'class-map' = 'transmission') {
  const channel = channelOf(2, 3, kind === 'transmission' ? {} : { kind, bitsAllocated: 8 });
  const scan = scanOf([viewOf([channel])]);
  return { scan, planes: planesInMemory(new Map([[planeKey('side', channel.id), samples]])) };
}

const first = Uint8Array.from({ length: 12 }, (_, i) => i);
const second = Uint8Array.from({ length: 12 }, (_, i) => i + 100);

test('gives the samples that a record names by their hash, once', () => {
  const atHand = new PlaneCache();
  atHand.keep(scanWith(first));
  expect(atHand.take({ sha256: sha256(second) })).toBeUndefined();
  expect(atHand.take({})).toBeUndefined();
  expect(atHand.take({ sha256: sha256(first) })).toEqual(first);
  expect(atHand.take({ sha256: sha256(first) })).toBeUndefined();
});

test('shows samples to a check, and they stay for the model', () => {
  const atHand = new PlaneCache();
  atHand.keep(scanWith(first));
  expect(atHand.look({ sha256: sha256(first) })).toEqual(first);
  expect(atHand.look({ sha256: sha256(second) })).toBeUndefined();
  expect(atHand.look({})).toBeUndefined();
  expect(atHand.take({ sha256: sha256(first) })).toEqual(first);
});

test('keeps what models see of the last scan, for a moment', () => {
  vi.useFakeTimers();
  try {
    const atHand = new PlaneCache();
    atHand.keep(scanWith(first));
    atHand.keep(scanWith(second));
    expect(atHand.take({ sha256: sha256(first) })).toBeUndefined();
    vi.advanceTimersByTime(60_000);
    expect(atHand.take({ sha256: sha256(second) })).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test('leaves in the store what models do not see, and more than memory is for', () => {
  const atHand = new PlaneCache();
  const classes = Uint8Array.from({ length: 6 }, (_, i) => i);
  atHand.keep(scanWith(classes, 'class-map'));
  expect(atHand.take({ sha256: sha256(classes) })).toBeUndefined();
  const channel = channelOf(2, 3);
  const large: PlaneSource = { ...planeInMemory(first), byteLength: 2 ** 30 };
  atHand.keep({
    scan: scanOf([viewOf([channel])]),
    planes: new Map([[planeKey('side', channel.id), large]]),
  });
  expect(atHand.take({ sha256: sha256(first) })).toBeUndefined();
});
