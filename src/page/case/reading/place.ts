import { useEffect, useState } from 'react';
import { centreOn, clampZoom, type Point, type Scene, screenToSample } from '../../viewer/geometry.ts';
import type { Look, ViewSettings } from '../../viewer/settings.ts';

/** Where the reader looks is in the address, so that a reload or a colleague sees the same part. */

/** What an address says of it. */
export interface Place {
  readonly view: string | undefined;
  /** Undefined where the address names no place: then all of the picture is shown. */
  readonly look: AddressedLook | undefined;
}

export interface AddressedLook extends Pick<Look, 'rotate' | 'mirror'> {
  /** The point of the stored picture in the middle, in samples. */
  readonly at: Point;
  /** Pixels of the page, which are the same on every screen, for the shorter side of a sample. */
  readonly zoom: number;
}

const quarters = [0, 90, 180, 270] as const;
const NUMBER = /^-?\d{1,9}(?:\.\d{1,9})?$/;
const VIEW = /^[A-Za-z0-9._-]{1,64}$/;
/** Digits of the zoom. The place has one after the point, which is a pixel at the most. */
const ZOOM_DIGITS = 4;

/** Whatever is not as this page writes it is left out. */
export function placeIn(search: string): Place {
  const query = new URLSearchParams(search);
  const view = query.get('view') ?? undefined;
  return { view: view !== undefined && VIEW.test(view) ? view : undefined, look: lookIn(query) };
}

function lookIn(query: URLSearchParams): AddressedLook | undefined {
  const [x, y, ...more] = (query.get('at') ?? '').split(',');
  const [column, row, zoom] = [x, y, query.get('zoom')].map(numberIn);
  if (column === undefined || row === undefined || zoom === undefined || zoom <= 0 || more.length > 0)
    return undefined;
  const turn = query.get('turn') ?? '';
  const rotate = quarters.find((one) => one === Number.parseInt(turn, 10)) ?? 0;
  return { at: { x: column, y: row }, zoom, rotate, mirror: turn.endsWith('m') };
}

function numberIn(text: string | null | undefined): number | undefined {
  return NUMBER.test(text ?? '') ? Number(text) : undefined;
}

/** The query of an address, as `?view=main&at=1200.5,300.2&zoom=0.512&turn=90m`. */
export function queryOf({ view, look }: Place): string {
  const parts = view === undefined ? [] : [`view=${encodeURIComponent(view)}`];
  if (look !== undefined) {
    const { at, zoom, rotate, mirror } = look;
    const turn = `${rotate}${mirror ? 'm' : ''}`;
    parts.push(`at=${at.x.toFixed(1)},${at.y.toFixed(1)}`, `zoom=${shortly(zoom)}`);
    if (turn !== '0') parts.push(`turn=${turn}`);
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** Without an exponent, which a small number would get. */
function shortly(zoom: number): string {
  const digits = Math.min(9, Math.max(0, ZOOM_DIGITS - 1 - Math.floor(Math.log10(zoom))));
  const text = zoom.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** @param scale - canvas pixels for one pixel of the page */
export function lookOf(scene: Scene, look: Look, scale: number): AddressedLook {
  const at = screenToSample(scene, look, { x: scene.width / 2, y: scene.height / 2 });
  return { at, zoom: look.zoom / scale, rotate: look.rotate, mirror: look.mirror };
}

/** The look that an address names; a place beside the picture becomes its nearest edge. */
export function withLook<L extends Look>(
  scene: Scene,
  before: L,
  addressed: AddressedLook,
  scale: number,
): L {
  const { at, zoom, rotate, mirror } = addressed;
  const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
  const inside = { x: within(at.x, scene.sides.columns), y: within(at.y, scene.sides.rows) };
  return centreOn(scene, { ...before, rotate, mirror, zoom: clampZoom(zoom * scale) }, inside);
}

/** A hand that rests this long has ended its move. */
const REST_MS = 300;

export const pageScale = (): number => window.devicePixelRatio || 1;

/** Says in the address that another view is shown, in place of what it said. */
export function addressView(view: string): void {
  writePlace({ view, look: undefined });
}

function writePlace(place: Place): void {
  const { pathname } = window.location;
  window.history.replaceState(window.history.state, '', `${pathname}${queryOf(place)}`);
}

/**
 * Keeps the address at what is looked at, after each move; back leaves the case all the same.
 * @param settings - undefined while nothing was moved
 * @returns what the address said at first
 */
export function useAddressedLook(
  view: string,
  scene: Scene | undefined,
  settings: ViewSettings | undefined,
): AddressedLook | undefined {
  const [first] = useState(() => placeIn(window.location.search));
  useEffect(() => {
    if (scene === undefined || settings === undefined) return undefined;
    const timer = setTimeout(() => writePlace({ view, look: lookOf(scene, settings, pageScale()) }), REST_MS);
    return () => clearTimeout(timer);
  }, [view, scene, settings]);
  return first.view === undefined || first.view === view ? first.look : undefined;
}
