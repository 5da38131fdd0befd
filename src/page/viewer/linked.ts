import { turnedSides } from '../../core/scan/turn.ts';
import { fitPicture, type Scene } from './geometry.ts';
import { turnOnScreen } from './orientation.ts';
import type { ViewSettings } from './settings.ts';

/** One of two pictures that move together. */
export interface LinkedPicture {
  readonly scene: Scene;
  readonly settings: ViewSettings;
  /** Of the channel that is shown. */
  readonly fullScale: number;
}

/**
 * How another picture looks when it follows: the same share of it in the middle, as much larger than its fit, turned
 * alike, with a window of the same shares of its full scale. Which channel it shows stays its own.
 */
export function followLeader(leader: LinkedPicture, follower: LinkedPicture): ViewSettings {
  const { settings } = leader;
  const [from, to] = [upright(leader), upright({ ...follower, settings })];
  const scale = follower.fullScale / leader.fullScale;
  const fitOf = ({ scene }: LinkedPicture) => fitPicture(scene, settings).zoom;
  return {
    ...settings,
    shown: follower.settings.shown,
    zoom: (settings.zoom / fitOf(leader)) * fitOf(follower),
    pan: {
      x: (settings.pan.x / from.columns) * to.columns,
      y: (settings.pan.y / from.rows) * to.rows,
    },
    window: {
      low: Math.round(settings.window.low * scale),
      high: Math.round(settings.window.high * scale),
    },
  };
}

function upright({ scene, settings }: LinkedPicture) {
  return turnedSides(scene.sides, turnOnScreen(scene.display, settings));
}
