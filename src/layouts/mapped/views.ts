import { defined } from '../../core/defined.ts';
import { isNiiError } from '../../core/errors.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import type { ConvertedChannel, ConvertedView, PlaneStream } from '../../sdk/sdk.ts';
import { type Described, described, upright } from '../arrays/parts.ts';
import type { MappedChannel, MappedView } from '../schema/mapped.ts';
import type { Evaluation } from './evaluation.ts';
import { pictureOf } from './picture.ts';
import { figureOf, wordsOf } from './record.ts';
import { type FoundSamples, findSamples, type Share } from './samples.ts';

const VIEWS_CEILING = 16;

export type Plane = Uint8Array | PlaneStream;

/** One view with the samples of its channels, and what kept others away. */
export interface BuiltView {
  readonly view: ConvertedView;
  readonly planes: readonly (readonly [key: string, plane: Plane])[];
}

/** A channel whose file is missing, or is not whole. */
export interface Absence {
  readonly channel: string;
  readonly file: string;
  /** Undefined where nothing of it is there. */
  readonly short: Error | undefined;
  /** Nobody expected it. */
  readonly optional: boolean;
}

export interface BuiltViews {
  readonly views: readonly BuiltView[];
  readonly absent: readonly Absence[];
  /** Bytes behind the last sample, by the region's name. */
  readonly left: ReadonlyMap<string, number>;
}

interface Wanted {
  readonly id: string;
  readonly layout: MappedView;
  readonly shift: number;
  readonly evaluation: Evaluation;
}

/** Reads every view that the layout describes and the files hold. */
export async function viewsOf(
  layouts: readonly MappedView[],
  evaluation: Evaluation,
  pinned: (role: string) => readonly Evaluation[],
): Promise<BuiltViews> {
  const wanted = layouts.flatMap((layout) => wantedOf(layout, evaluation, pinned));
  if (wanted.length > VIEWS_CEILING) {
    throw evaluation.sdk.error(
      'NII_MALFORMED',
      `${wanted.length} views: a scan can have at most ${VIEWS_CEILING}`,
    );
  }
  const views: BuiltView[] = [];
  const absent: Absence[] = [];
  const left = new Map<string, number>();
  for (const one of wanted) {
    const built = await build(one, left);
    absent.push(...built.absent);
    if (built.view.channels.length > 0) views.push(built);
  }
  return { views, absent, left };
}

function wantedOf(
  layout: MappedView,
  evaluation: Evaluation,
  pinned: (role: string) => readonly Evaluation[],
): readonly Wanted[] {
  const id = (i: number) => (i === 0 ? layout.id : `${layout.id}-${i + 1}`);
  if (layout.each !== undefined) {
    const each = pinned(layout.each);
    const alone = each.length === 0 ? [evaluation] : each;
    return alone.map((one, i) => ({ id: id(i), layout, shift: 0, evaluation: one }));
  }
  if (layout.copies === undefined) return [{ id: layout.id, layout, shift: 0, evaluation }];
  const count = evaluation.amount(layout.copies.count);
  if (count < 1 || count > VIEWS_CEILING) {
    throw evaluation.sdk.error('NII_UNSUPPORTED_VARIANT', `${count} images: use 1 to ${VIEWS_CEILING}`);
  }
  const stride = evaluation.amount(layout.copies.stride);
  return Array.from({ length: count }, (_, i) => ({ id: id(i), layout, shift: i * stride, evaluation }));
}

type Built = BuiltView & { readonly absent: readonly Absence[] };

async function build(wanted: Wanted, left: Map<string, number>): Promise<Built> {
  const { id, layout, evaluation } = wanted;
  const channels: ConvertedChannel[] = [];
  const planes: (readonly [string, Plane])[] = [];
  const absent: Absence[] = [];
  for (const channel of layout.channels) {
    const found = await channelOf(channel, wanted, left);
    if ('absence' in found) absent.push(found.absence);
    else {
      channels.push(found.channel);
      planes.push([evaluation.sdk.planeKey(id, channel.id), found.plane]);
    }
  }
  const name = wordsOf(layout.name, evaluation)?.slice(0, 64);
  const display = layout.display ?? upright;
  return { view: { id, ...defined({ name }), display, channels }, planes, absent };
}

type Found = { readonly channel: ConvertedChannel; readonly plane: Plane } | { readonly absence: Absence };

async function channelOf(channel: MappedChannel, wanted: Wanted, left: Map<string, number>): Promise<Found> {
  try {
    const found = await (channel.picture === undefined
      ? sampled(channel, wanted, left)
      : pictured(channel, channel.picture, wanted));
    return found ?? { absence: absenceOf(channel, wanted, undefined) };
  } catch (error) {
    if (!isNiiError(error, 'NII_TRUNCATED')) throw error;
    return { absence: absenceOf(channel, wanted, error) };
  }
}

function absenceOf(channel: MappedChannel, { layout }: Wanted, short: Error | undefined): Absence {
  const place = channel.picture ?? { ...layout.samples, ...channel.samples };
  const file = place.in ?? place.file ?? 'image';
  return { channel: channel.id, file, short, optional: channel.optional === true };
}

async function pictured(
  channel: MappedChannel,
  place: NonNullable<MappedChannel['picture']>,
  { layout, evaluation }: Wanted,
): Promise<Found | undefined> {
  const region = evaluation.region(place);
  if (region === undefined) return undefined;
  const { facts, plane } = await pictureOf(region, place.page ?? 0, evaluation.sdk);
  // A rendered picture has another scale than what it shows
  const isToScale = !channelKinds[channel.kind].isRendered;
  const meaning = describedBy(channel, isToScale ? layout.pitch : undefined, evaluation);
  if (meaning.pitch === undefined && isToScale) evaluation.sdk.warn('NII_W_PITCH_UNKNOWN');
  return { channel: { ...meaning, ...facts }, plane };
}

function sampled(channel: MappedChannel, wanted: Wanted, left: Map<string, number>): Found | undefined {
  const { layout, evaluation } = wanted;
  const samples = { ...layout.samples, ...channel.samples };
  const found = findSamples(samples, shareOf(channel, wanted), evaluation);
  if (found === undefined) return undefined;
  noteLeft(found, samples.in ?? samples.file ?? 'image', left);
  const meaning = describedBy(channel, layout.pitch, evaluation);
  const isToScale = !channelKinds[meaning.kind].isRendered;
  if (meaning.pitch === undefined && isToScale) evaluation.sdk.warn('NII_W_PITCH_UNKNOWN');
  return { channel: { ...meaning, ...found.facts }, plane: found.plane };
}

/** The least that any image leaves: what is behind all of them. */
function noteLeft({ left }: FoundSamples, name: string, so: Map<string, number>): void {
  so.set(name, Math.min(left, so.get(name) ?? left));
}

/** Channels with a place of their own lie alone; the others share that of the view. */
function shareOf(channel: MappedChannel, { layout, shift }: Wanted): Share {
  if (channel.samples !== undefined) return { index: 0, count: 1, shift };
  const together = layout.channels.filter(
    ({ samples, picture }) => samples === undefined && picture === undefined,
  );
  return { index: together.indexOf(channel), count: together.length, shift };
}

function describedBy(channel: MappedChannel, pitch: MappedView['pitch'], evaluation: Evaluation): Described {
  const { id, kind, energy, polarity, legend, notMeasured, rescale, label } = channel;
  const figures = (['openBeam', 'invalidValue', 'nominalEnergyMev'] as const).flatMap((name) => {
    const value = figureOf(channel[name], evaluation);
    return value === undefined ? [] : [[name, value] as const];
  });
  const plain = {
    id,
    kind,
    ...defined({ energy, polarity, legend, notMeasured, rescale, label }),
    ...Object.fromEntries(figures),
  };
  return { ...described(plain, evaluation.sdk), ...pitchOf(channel.pitch ?? pitch, evaluation) };
}

function pitchOf(pitch: MappedView['pitch'], evaluation: Evaluation): Pick<ConvertedChannel, 'pitch'> {
  const rowMm = figureOf(pitch?.rowMm, evaluation);
  const columnMm = figureOf(pitch?.columnMm, evaluation);
  if (pitch === undefined || rowMm === undefined || columnMm === undefined) return {};
  if (!(rowMm > 0 && columnMm > 0)) {
    evaluation.sdk.warn('NII_W_FIELD_MALFORMED', { field: 'pitch', value: `${rowMm} × ${columnMm}` });
    return {};
  }
  const source = typeof pitch.rowMm === 'number' ? 'configured' : 'file';
  return { pitch: { rowMm, columnMm, source } };
}
