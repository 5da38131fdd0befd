import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Passage } from '../../../src/core/radiation/hold.ts';
import { isNear, type ScanMoment } from '../../../src/triage/alarm-near.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 12, minute)).toISOString();
const HOUR = 60;
const window = { fromSeconds: -45 * 60, toSeconds: 45 * 60, comparesLanes: false };
/** The site has paired the portal with another scanner, and the scanner with another portal. */
const apart = { ...window, comparesLanes: true };

/** At noon, received a minute later. */
const passage: Passage = { from: at(0), to: at(1), isZoneStated: true, receivedAt: at(2) };
const scan = (minute: number, more: Partial<ScanMoment> = {}): ScanMoment => ({
  acquiredAt: at(minute),
  isZoneStated: true,
  receivedAt: at(minute + 1),
  ...more,
});

describe('an alarm is near a scan', () => {
  it('that was made or came within the window before or after it was made or came, and no other', () => {
    const near = [-46, -45, 0, 30, 46, 47].map((minute) => isNear(passage, scan(minute), window));
    expect(new Set(near)).toEqual(new Set([true]));
    expect([-47, 48].map((minute) => isNear(passage, scan(minute), window))).toEqual([false, false]);
    expect(isNear(passage, scan(3 * HOUR, { receivedAt: at(1) }), window), 'a clock may be wrong').toBe(true);
  });

  it('of any lane, unless the site has paired both; then of the same, or where one of them does not say', () => {
    const lane = { ...passage, lane: '3' };
    const scans = [scan(5, { lane: '3' }), scan(5, { lane: '4' }), scan(5)];
    expect(scans.map((one) => isNear(lane, one, window))).toEqual([true, true, true]);
    expect(scans.map((one) => isNear(lane, one, apart))).toEqual([true, false, true]);
    expect(scans.map((one) => isNear(passage, one, apart))).toEqual([true, true, true]);
  });

  it.each([
    ['3', 'lane-3', true],
    ['Lane 03', '3', true],
    ['a', 'Lane A', true],
    ['north', '3', true],
    ['3', '4', false],
    ['lane-3', 'lane 13', false],
    ['a', 'b', false],
    ['2-3', '3-2', false],
  ])('where the portal calls its lane %s and the scanner %s: %s', (portal, scanner, near) => {
    expect(isNear({ ...passage, lane: portal }, scan(5, { lane: scanner }), apart)).toBe(near);
  });

  it('that came with it, whatever its own clock says, and where there is no time', () => {
    const anywhere = fc.integer({ min: -14 * HOUR, max: 14 * HOUR });
    fc.assert(
      fc.property(anywhere, fc.boolean(), (offset, isOfScan) => {
        const wrong = at(offset);
        const pair: [Passage, ScanMoment] = isOfScan
          ? [passage, scan(20, { acquiredAt: wrong })]
          : [{ ...passage, from: wrong, to: wrong }, scan(20)];
        expect(isNear(...pair, window)).toBe(true);
      }),
    );
    const { from, to, ...timeless } = passage;
    expect(isNear(timeless, scan(20), window)).toBe(true);
    const { acquiredAt, ...received } = scan(20);
    expect(isNear(passage, received, window)).toBe(true);
  });

  it('that an assumed zone was right about, however late either came', () => {
    const late = { isZoneStated: false, receivedAt: at(20 * HOUR) };
    expect(isNear({ ...passage, ...late }, scan(20), window)).toBe(true);
    expect(isNear(passage, scan(20, late), window)).toBe(true);
  });

  it('of a pair that stands half an hour apart, within its window and whatever the lanes are called', () => {
    const pair = { fromSeconds: 20 * 60, toSeconds: 45 * 60, comparesLanes: false };
    const lanes = { ...passage, lane: 'gate' };
    const near = [-20, 0, 18, 19, 47, 48].map((minute) => isNear(lanes, scan(minute, { lane: '3' }), pair));
    expect(near).toEqual([false, false, false, true, true, false]);
  });
});
