import { expect, test } from 'vitest';
import { squareCell } from '../../../../src/page/viewer/cell.ts';
import { fitPicture, type Scene, screenToSample } from '../../../../src/page/viewer/geometry.ts';
import { followLeader, type LinkedPicture } from '../../../../src/page/viewer/linked.ts';
import type { ViewSettings } from '../../../../src/page/viewer/settings.ts';

const settings: ViewSettings = {
  shown: { kind: 'channel', id: 'high' },
  window: { low: 100, high: 900 },
  curve: { kind: 'logarithmic' },
  invert: true,
  colourMap: 'hot',
  enhancement: { kind: 'none' },
  rotate: 90,
  mirror: true,
  zoom: 2,
  pan: { x: 30, y: 50 },
};
const sceneOf = (rows: number, columns: number, cell = squareCell): Scene => ({
  cell,
  sides: { rows, columns },
  display: { flipRows: false, rotate: 0, flipColumns: false },
  width: 300,
  height: 200,
});
const leader: LinkedPicture = { scene: sceneOf(100, 200), settings, fullScale: 1000 };
const follower: LinkedPicture = {
  scene: sceneOf(400, 300, { width: 3, height: 1 }),
  settings: { ...settings, shown: { kind: 'channel', id: 'single' }, zoom: 9 },
  fullScale: 60_000,
};

test('a picture that follows has the same share of it in the middle, as much larger than its fit', () => {
  const next = followLeader(leader, follower);
  const middleOf = ({ scene, settings: look }: LinkedPicture) => {
    const { x, y } = screenToSample(scene, look, { x: scene.width / 2, y: scene.height / 2 });
    return [x / scene.sides.columns, y / scene.sides.rows];
  };
  const [across = 0, down = 0] = middleOf({ ...follower, settings: next });
  const [wantedAcross = -1, wantedDown = -1] = middleOf(leader);
  expect(across).toBeCloseTo(wantedAcross, 9);
  expect(down).toBeCloseTo(wantedDown, 9);
  const fits = [leader, follower].map(({ scene }) => fitPicture(scene, settings).zoom);
  expect(next.zoom / (fits[1] ?? 1)).toBeCloseTo(settings.zoom / (fits[0] ?? 1), 9);
});

test('tones follow by shares of the full scale, and the channel stays its own', () => {
  const next = followLeader(leader, follower);
  expect(next).toMatchObject({
    window: { low: 6000, high: 54_000 },
    curve: { kind: 'logarithmic' },
    invert: true,
    rotate: 90,
    shown: { kind: 'channel', id: 'single' },
  });
});

test('leading back gives the look that was followed', () => {
  const next = followLeader(leader, follower);
  const back = followLeader({ ...follower, settings: next }, leader);
  expect(back.zoom).toBeCloseTo(settings.zoom, 9);
  expect(back.pan.x).toBeCloseTo(settings.pan.x, 9);
  expect(back.window).toEqual(settings.window);
});
