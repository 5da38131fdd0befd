import { type Curve, fullScaleOf, plainTones, type ViewSettings } from '../../viewer/settings.ts';
import type { Channel } from '../loading/samples.ts';

/** Changes of what is drawn, each a new value; keys and drags ask for the same ones. */

const LEAST_WIDTH = 2;

/** Moves the middle of the window by shares of the full scale, and makes it wider or narrower by a factor. */
export function moveWindow<S extends Pick<ViewSettings, 'window'>>(
  settings: S,
  channel: Channel,
  { by = 0, wider = 1 }: { readonly by?: number; readonly wider?: number },
): S {
  const full = fullScaleOf(channel);
  const { low, high } = settings.window;
  const width = Math.min(Math.max((high - low) * wider, LEAST_WIDTH), full * 2);
  const middle = Math.min(Math.max((low + high) / 2 + by * full, 0), full);
  return {
    ...settings,
    window: { low: Math.round(middle - width / 2), high: Math.round(middle + width / 2) },
  };
}

export const curves = ['linear', 'square-root', 'logarithmic'] as const;

export function nextCurve({ kind }: Curve): Curve {
  const at = (curves as readonly string[]).indexOf(kind);
  return { kind: curves[(at + 1) % curves.length] ?? 'linear' };
}

/** What to draw of a channel first: the plain picture, fitted later. */
export function firstSettings(channel: Channel): ViewSettings {
  return {
    ...plainTones(channel),
    shown: { kind: 'channel', id: channel.id },
    rotate: 0,
    mirror: false,
    zoom: 1,
    pan: { x: 0, y: 0 },
  };
}
