import { defined } from '../defined.ts';
import type { Problem } from '../errors.ts';
import { type Channel, channelsOf, type Json, type NiiScan } from './scan.ts';

/** What a conversion ended with. */
export type Ending = { readonly scan: NiiScan } | { readonly problem: Problem };

export interface FieldChange {
  /** JSON pointer (RFC 6901) into the record, as /units/0/containers/0/value. */
  readonly path: string;
  /** Absent where the field is new. */
  readonly before?: Json;
  /** Absent where the field is gone. */
  readonly after?: Json;
}

export const channelChangeKinds = ['added', 'removed', 'samples', 'description'] as const;

export interface ChannelChange {
  readonly channel: string;
  readonly change: (typeof channelChangeKinds)[number];
  /** Of its description in the record, by path from the channel on; the hash of the samples is left out. */
  readonly fields: readonly FieldChange[];
}

/** How two conversions of the same originals differ. */
export interface ScanDifference {
  readonly same: boolean;
  readonly before: string;
  readonly after: string;
  readonly fields: readonly FieldChange[];
  /** So many more fields differ than are named, those of channels included. */
  readonly omitted: number;
  readonly channels: readonly ChannelChange[];
}

const FIELDS_CEILING = 1000;

/**
 * Compares what two conversions ended with. Warnings and the vendor's metadata are fields like others; the version of
 * the converter alone is no difference, nor is the order of names. At most 1000 fields are named, and as
 * many of each channel; the rest are counted.
 */
export function differenceOf(before: Ending, after: Ending): ScanDifference {
  const { fields, omitted } = firstOf(changes('', comparable(before), comparable(after)));
  const { channels, omittedOfChannels } = channelChanges(before, after);
  return {
    same: fields.length + channels.length === 0,
    before: stateOf(before),
    after: stateOf(after),
    fields,
    omitted: omitted + omittedOfChannels,
    channels,
  };
}

function firstOf(all: Iterable<FieldChange>): Pick<ScanDifference, 'fields' | 'omitted'> {
  const fields: FieldChange[] = [];
  let omitted = 0;
  for (const change of all) {
    if (fields.length < FIELDS_CEILING) fields.push(change);
    else omitted += 1;
  }
  return { fields, omitted };
}

function stateOf(ending: Ending): string {
  return 'scan' in ending ? ending.scan.completeness : `failed: ${ending.problem.code}`;
}

/** JSON of what is compared; channels are compared apart. */
function comparable(ending: Ending): Json {
  if ('problem' in ending) return { problem: toJson(ending.problem) };
  const { converter: _, schemaVersion: __, views, ...rest } = ending.scan;
  return toJson({ ...rest, views: views.map(({ channels: ___, ...view }) => view) });
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function* changes(path: string, before: Json | undefined, after: Json | undefined): Generator<FieldChange> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    yield { path, ...defined({ before, after }) };
    return;
  }
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    yield* changes(
      `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      old.get(name),
      now.get(name),
    );
  }
}

function isContainer(value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

interface ChannelChanges {
  readonly channels: readonly ChannelChange[];
  readonly omittedOfChannels: number;
}

function channelChanges(before: Ending, after: Ending): ChannelChanges {
  const [old, now] = [channelMap(before), channelMap(after)];
  let omittedOfChannels = 0;
  const channels = [...new Set([...old.keys(), ...now.keys()])].flatMap((key): readonly ChannelChange[] => {
    const [was, is] = [old.get(key), now.get(key)];
    if (was === undefined) return [{ channel: key, change: 'added', fields: [] }];
    if (is === undefined) return [{ channel: key, change: 'removed', fields: [] }];
    const { fields, omitted } = firstOf(changes('', described(was), described(is)));
    omittedOfChannels += omitted;
    if (was.sha256 !== is.sha256) return [{ channel: key, change: 'samples', fields }];
    return fields.length === 0 ? [] : [{ channel: key, change: 'description', fields }];
  });
  return { channels, omittedOfChannels };
}

function described({ sha256: _, ...channel }: Channel): Json {
  return toJson(channel);
}

function channelMap(ending: Ending) {
  return new Map('scan' in ending ? channelsOf(ending.scan).map(({ key, channel }) => [key, channel]) : []);
}
