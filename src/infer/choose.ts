import { channelKinds, type SeenKind } from '../core/scan/channel-kinds.ts';
import { completenesses } from '../core/scan/completeness.ts';
import type { Channel, ChannelKind, NiiScan, View } from '../core/scan/scan.ts';
import type { ModelChannel, ModelManifest } from './manifest.ts';
import { comparePackages, type ModelPackage } from './packages.ts';

/** What a model will look at, or why it cannot, in words. */
export type Selection =
  | { readonly view: View; readonly channels: readonly Channel[] }
  | { readonly reason: string };

type Choosable = Pick<ModelPackage, 'manifest'>;

/** Models that look at one scan; they run one after the other, and each of them keeps the scan from the queue. */
export const MOST_MODELS = 8;

/**
 * The models that look, the leading one first, and those that would be too many; `nearest` is the one that the reason
 * speaks of, absent when none is installed.
 */
export type Choice<M> =
  | { readonly models: readonly M[]; readonly tooMany: readonly M[] }
  | { readonly reason: string; readonly nearest?: M };

/**
 * Every model that fits, one version of each: the one that uses most channels of the scan leads, then the first id.
 * Of two versions of one model the newer one looks. Purpose and completeness of the scan do not matter, only the
 * channels that are there.
 */
export function chooseModels<M extends Choosable>(scan: NiiScan, models: readonly M[]): Choice<M> {
  if (scan.views.length === 0 && (scan.reports ?? []).length > 0) {
    return { reason: 'Only a report has arrived, without an image' };
  }
  const ranked = [...models].sort(byChannelsThenVersion);
  const fitting = ranked.filter(({ manifest }) => 'view' in selectChannels(scan, manifest));
  if (fitting.length > 0) {
    const own = newestOfEach(fitting);
    return { models: own.slice(0, MOST_MODELS), tooMany: own.slice(MOST_MODELS) };
  }
  // The least demanding model's reason names what is really missing.
  const nearest = ranked.findLast((model) => isMeantFor(scan, model)) ?? ranked.at(-1);
  if (nearest === undefined) return { reason: 'No model is installed' };
  const selection = selectChannels(scan, nearest.manifest);
  return { reason: 'reason' in selection ? selection.reason : 'No model fits', nearest };
}

/** A model of single channels is not, where every view has several. */
function isMeantFor({ views }: NiiScan, { manifest }: Choosable): boolean {
  return manifest.input.channels.every(
    ({ kind, energy }) =>
      energy !== 'single' ||
      views.some((view) => view.channels.filter((one) => one.kind === kind).length < 2),
  );
}

/** In the same order. */
function newestOfEach<M extends Choosable>(models: readonly M[]): readonly M[] {
  return models.filter(({ manifest }) =>
    models.every(
      (other) => other.manifest.id !== manifest.id || comparePackages(other.manifest, manifest) <= 0,
    ),
  );
}

function byChannelsThenVersion(a: Choosable, b: Choosable): number {
  const channels = b.manifest.input.channels.length - a.manifest.input.channels.length;
  if (channels !== 0) return channels;
  return a.manifest.id === b.manifest.id
    ? comparePackages(b.manifest, a.manifest)
    : comparePackages(a.manifest, b.manifest);
}

/** The first view that has every channel the model asks for, in the model's order; or what the first one lacks. */
export function selectChannels(scan: NiiScan, { input }: Pick<ModelManifest, 'input'>): Selection {
  const views = scan.views.filter(({ channels }) =>
    channels.some(({ kind }) => channelKinds[kind].isSeenByModels),
  );
  if (views.length === 0) return { reason: whyNothingIsSeen(scan) };
  const selections = views.map((view) => selectInView(view, input.channels));
  return selections.find((selection) => 'view' in selection) ?? selections[0] ?? { reason: 'It has no view' };
}

function selectInView(view: View, wanted: readonly ModelChannel[]): Selection {
  const channels: Channel[] = [];
  for (const one of wanted) {
    const found = channelOf(view, one);
    if (typeof found === 'string') return { reason: found };
    channels.push(found);
  }
  const reason = whyUnusable(channels);
  return reason === undefined ? { view, channels } : { reason };
}

/** The channel of one energy, or why there is none. */
function channelOf(view: View, { kind, energy }: ModelChannel): Channel | string {
  const channels = view.channels.filter((channel) => channel.kind === kind);
  if (energy === 'single') {
    const [only, ...others] = channels;
    if (only !== undefined && others.length === 0) return only;
    return `The model is for one ${kind} channel and view '${view.id}' has ${channels.length}`;
  }
  if (energy !== 'any') {
    return (
      channels.find((channel) => channel.energy === energy) ??
      `The model needs a ${energy}-energy ${kind} channel and view '${view.id}' has none`
    );
  }
  for (const preferred of ['single', 'high', 'low'] as const) {
    const found = channels.find((channel) => channel.energy === preferred);
    if (found !== undefined) return found;
  }
  const [only, ...others] = channels;
  if (only !== undefined && others.length === 0) return only;
  return `View '${view.id}' has several ${kind} channels of unknown energy`;
}

function whyUnusable(channels: readonly Channel[]): string | undefined {
  for (const channel of channels) {
    const reason = whyChannelUnusable(channel);
    if (reason !== undefined) return `Channel '${channel.id}' ${reason}`;
  }
  const [first] = channels;
  const same = channels.every(({ rows, columns }) => rows === first?.rows && columns === first.columns);
  return same ? undefined : 'The channels differ in rows or columns';
}

function whyChannelUnusable(channel: Channel): string | undefined {
  if (channel.frames !== 1) return 'has several frames';
  if (channel.samplesPerPixel !== 1) return 'has several samples per pixel';
  if (channel.bitsAllocated === 1) return 'has one bit per sample';
  if (channel.bitsAllocated === 64 && channel.sampleFormat !== 'float') return 'has 64-bit integers';
  if (channel.sampleFormat === 'float' && channel.bitsAllocated < 32)
    return 'has floats of less than 32 bits';
  if (channel.polarity === 'high-is-transparent') return undefined;
  if (channel.polarity !== 'high-is-opaque')
    return 'does not say whether a high value is transparent or opaque';
  return channel.sampleFormat === 'unsigned' ? undefined : 'is inverted and not of unsigned integers';
}

/** Why no model looks at a channel of this kind, in the order of what a sender can do about it. */
const whyUnseen = {
  unknown: 'It is unknown what the channels of this scan measure',
  display: 'The scan has only a rendered picture; models need detector values, so only emptiness is checked',
  backscatter: 'The scan has only backscatter; the models need transmission',
  'class-map': 'The scan has only a class map; models need detector values',
} satisfies Readonly<Record<Exclude<ChannelKind, SeenKind>, string>>;

function whyNothingIsSeen({ views, completeness }: NiiScan): string {
  const kinds = new Set<string>(views.flatMap(({ channels }) => channels.map(({ kind }) => kind)));
  if (completenesses[completeness].isPreview) kinds.add('display');
  const first = Object.entries(whyUnseen).find(([kind]) => kinds.has(kind));
  return first?.[1] ?? 'The scan has no channels';
}
