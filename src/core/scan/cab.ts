import Type, { type Static } from 'typebox';
import { leadingOf } from '../material/source.ts';
import type { Axis, Channel, Extent, NiiScan, View } from './scan.ts';
import { storedCorner, turnedCorner, turnedSides } from './turn.ts';

/** Where the cab of a truck lies in the picture of a scan, and what of it is masked. docs/decisions/0044-cab.md. */

/** What an administration decides of cabs. */
export const CabPolicy = Type.Enum(['shown', 'masked', 'masked-and-left-out'], {
  description:
    'The cab of a truck: shown; masked in pictures and samples; or masked and left out of models too. shown unless given',
});
export type CabPolicy = Static<typeof CabPolicy>;

/** Where every truck of a scanner has its cab. */
export const CabPlace = Type.Object(
  {
    side: Type.Enum(['left', 'right'], {
      description: 'Side of the upright picture on which the front of the vehicle is',
    }),
    share: Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'Share of the columns of the upright picture, counted from that side',
    }),
  },
  {
    additionalProperties: false,
    description: 'Position of the cab in scans whose record does not contain it',
  },
);
export type CabPlace = Readonly<Static<typeof CabPlace>>;

/** Lines of stored samples, end exclusive. */
export interface Lines {
  readonly axis: Axis;
  readonly from: number;
  readonly to: number;
}

/** Lines of a view that show the cab, of as many lines as its picture has. Channels with other sides take the same share. */
export interface CabBand extends Lines {
  readonly view: string;
  readonly of: number;
}

/** A picture has no more cabs than a record has objects of inspection; a mask of more lists would be no mask. */
const MOST_BANDS = 64;

interface Sides {
  readonly rows: number;
  readonly columns: number;
}

/**
 * The cab in each view: by the record, else by what is said of the scanner, else as in another view of the scan.
 * @param place - what is said of the scanner
 */
export function cabBands(
  { units, views }: Pick<NiiScan, 'units' | 'views'>,
  place: CabPlace | undefined,
): readonly CabBand[] {
  const extents = units.flatMap(({ kind, extent }) =>
    kind === 'cab' && extent !== undefined ? [extent] : [],
  );
  const stated = views.map((view) => bandsOfExtents(view, extents));
  const [like] = stated.flatMap((bands, i) => {
    const view = views[i];
    return view === undefined || bands.length === 0 ? [] : [bands.map((band) => uprightShare(band, view))];
  });
  return views.flatMap((view, i) => {
    const own = stated[i] ?? [];
    if (own.length > 0) return own;
    if (place !== undefined) return bandOfShare(view, shareOf(place)) ?? [];
    return (like ?? []).flatMap((share) => bandOfShare(view, share) ?? []);
  });
}

function sidesOf({ channels }: View): Sides | undefined {
  return leadingOf(channels) ?? channels[0];
}

function bandsOfExtents(view: View, extents: readonly Extent[]): readonly CabBand[] {
  const sides = sidesOf(view);
  if (sides === undefined) return [];
  return extents
    .filter((extent) => extent.view === view.id)
    .map(({ axis, from, to }) => ({
      view: view.id,
      axis,
      from,
      to: Math.min(to, sides[axis]),
      of: sides[axis],
    }))
    .filter(({ from, to }) => from < to)
    .slice(0, MOST_BANDS);
}

/** From and to as shares of the columns of the upright picture. */
type Share = readonly [from: number, to: number];

function shareOf({ side, share }: CabPlace): Share {
  return side === 'left' ? [0, share] : [1 - share, 1];
}

function uprightShare(band: CabBand, { display }: View): Share {
  const box = boxOf(band, band.of);
  const [a] = turnedCorner([box.left, box.top], one, display);
  const [b] = turnedCorner([box.right, box.bottom], one, display);
  return [Math.min(a, b), Math.max(a, b)];
}

const one: Sides = { rows: 1, columns: 1 };

/** The lines as a part of a picture whose sides are one. */
function boxOf({ axis, from, to }: Lines, of: number) {
  const [a, b] = [from / of, to / of];
  return axis === 'columns'
    ? { left: a, right: b, top: 0, bottom: 1 }
    : { left: 0, right: 1, top: a, bottom: b };
}

/** Undefined for a view without channels. */
function bandOfShare(view: View, [from, to]: Share): CabBand | undefined {
  const sides = sidesOf(view);
  if (sides === undefined) return undefined;
  const { display } = view;
  const upright = turnedSides(sides, display);
  const axis: Axis = display.rotate === 90 || display.rotate === 270 ? 'rows' : 'columns';
  const at = axis === 'columns' ? 0 : 1;
  const corners = [from, to].map(
    (share, i) => storedCorner([share * upright.columns, i * upright.rows], sides, display)[at],
  );
  const lines = wholeLines(Math.min(...corners), Math.max(...corners), sides[axis]);
  return { view: view.id, axis, ...lines, of: sides[axis] };
}

/** Whole lines that hold all of a stretch. A line that is only touched by the error of a division does not count. */
function wholeLines(from: number, to: number, of: number): { readonly from: number; readonly to: number } {
  const slack = 1e-9;
  return { from: Math.max(0, Math.floor(from + slack)), to: Math.min(of, Math.ceil(to - slack)) };
}

/** The lines of one channel, or of a picture of it that is not turned. */
export function linesIn({ axis, from, to, of }: CabBand, sides: Sides): Lines {
  const length = sides[axis];
  return { axis, ...wholeLines((from * length) / of, (to * length) / of, length) };
}

/** The same of a section of a channel; undefined where it shows none of it. */
export function bandInSection(
  band: CabBand,
  channel: Sides,
  section: { readonly axis: Axis; readonly from: number; readonly to: number },
): CabBand | undefined {
  if (band.axis !== section.axis) return band;
  const lines = linesIn(band, channel);
  const from = Math.max(lines.from, section.from) - section.from;
  const to = Math.min(lines.to, section.to) - section.from;
  return from < to ? { ...band, from, to, of: section.to - section.from } : undefined;
}

/** The masked lines of a channel of a view. Two pixels of a row that share their chroma are masked together. */
export function maskedLines(
  bands: readonly CabBand[],
  view: string,
  channel: Sides & Pick<Channel, 'samplesPerPixel'>,
): readonly Lines[] {
  return bands
    .filter((band) => band.view === view)
    .map((band) => linesIn(band, channel))
    .map((lines) => (channel.samplesPerPixel === 2 && lines.axis === 'columns' ? inPairs(lines) : lines));
}

function inPairs({ axis, from, to }: Lines): Lines {
  return { axis, from: from - (from % 2), to: to + (to % 2) };
}

/** The part of a picture turned upright that lines of stored samples become, in whole pixels. */
export function uprightBox(
  { axis, from, to }: Lines,
  of: number,
  display: View['display'],
  { rows, columns }: Sides,
): {
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly columnFrom: number;
  readonly columnTo: number;
} {
  const box = boxOf({ axis, from, to }, of);
  const a = turnedCorner([box.left, box.top], one, display);
  const b = turnedCorner([box.right, box.bottom], one, display);
  const across = wholeLines(Math.min(a[0], b[0]) * columns, Math.max(a[0], b[0]) * columns, columns);
  const down = wholeLines(Math.min(a[1], b[1]) * rows, Math.max(a[1], b[1]) * rows, rows);
  return { rowFrom: down.from, rowTo: down.to, columnFrom: across.from, columnTo: across.to };
}

/** What a masked sample of a channel is: the open beam where it is counts, mid-grey of colours, else 0. */
export function maskedSample(channel: Channel): number {
  const { samplesPerPixel, sampleFormat, polarity, bitsStored, bitsAllocated, openBeam } = channel;
  const top = 2 ** bitsStored - 1;
  if (samplesPerPixel > 1) return sampleFormat === 'unsigned' && bitsAllocated <= 32 ? (top + 1) / 2 : 0;
  if (sampleFormat !== 'unsigned' || bitsAllocated === 1 || bitsAllocated === 64) return 0;
  const transparent = polarity === 'high-is-transparent' ? top : 0;
  return openBeam === undefined ? transparent : Math.min(top, Math.max(0, Math.round(openBeam)));
}
