import type { ScanRecord } from '../../api/client.ts';
import { fitPicture, oneToOne, panBy, type Scene, turnTo, zoomAt } from '../../viewer/geometry.ts';
import type { Orientation } from '../../viewer/orientation.ts';
import { plainTones, type ViewSettings } from '../../viewer/settings.ts';
import type { Channel } from '../loading/samples.ts';
import { moveWindow, nextCurve } from './tones.ts';
import { lookAtColumn, quarterOn, unitBeside } from './units.ts';

/** What the reader may do to the look of a picture; keys, buttons and drags ask for the same. */

export type Change = (next: (before: ViewSettings) => ViewSettings) => void;

interface Of {
  readonly change: Change;
  /** Undefined before the canvas is there: then no place changes. */
  readonly scene: Scene | undefined;
  readonly channels: readonly Channel[];
  readonly shown: Channel | undefined;
  /** The channel of the plain picture. */
  readonly leading: Channel | undefined;
  readonly units: ScanRecord['units'];
}

/** A step of the arrows, as a share of the canvas. */
const MOVE = 0.12;

export type LookChanges = ReturnType<typeof lookChanges>;

export function lookChanges({ change, scene, channels, shown, leading, units }: Of) {
  const inScene = (next: (scene: Scene, before: ViewSettings) => ViewSettings) => {
    if (scene !== undefined) change((before) => next(scene, before));
  };
  const turn = (to: (before: Orientation) => Orientation) =>
    inScene((at, before) => turnTo(at, before, to(before)));
  const showChannel = (channel: Channel) =>
    change((before) => ({ ...before, ...plainTones(channel), shown: { kind: 'channel', id: channel.id } }));
  return {
    window: (by: number, wider: number) => {
      if (shown !== undefined) change((before) => moveWindow(before, shown, { by, wider }));
    },
    showChannel,
    showNext: () => {
      const next = channels[(channels.findIndex(({ id }) => id === shown?.id) + 1) % channels.length];
      if (next !== undefined) showChannel(next);
    },
    plain: () => {
      if (leading === undefined) return;
      const shownThen = { kind: 'channel', id: leading.id } as const;
      const upright = { rotate: 0, mirror: false } as const;
      change((before) => ({ ...before, ...plainTones(leading), shown: shownThen, ...upright }));
    },
    fit: () => inScene(fitPicture),
    oneToOne: () => inScene(oneToOne),
    zoom: (factor: number) =>
      inScene((at, before) => zoomAt(at, before, { x: at.width / 2, y: at.height / 2 }, factor)),
    move: (x: number, y: number) =>
      inScene((at, before) => panBy(at, before, { x: x * MOVE * at.width, y: y * MOVE * at.height })),
    invert: () => change((before) => ({ ...before, invert: !before.invert })),
    bend: () => change((before) => ({ ...before, curve: nextCurve(before.curve) })),
    rotate: () => turn(({ rotate, mirror }) => ({ rotate: quarterOn(rotate), mirror })),
    mirror: () => turn(({ rotate, mirror }) => ({ rotate, mirror: !mirror })),
    goToColumn: (column: number) => inScene((at, before) => lookAtColumn(at, before, column)),
    goToUnit: (step: 1 | -1) => inScene((at, before) => unitBeside(at, before, units, step) ?? before),
  };
}
