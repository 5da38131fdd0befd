import { useEffect, useRef, useState } from 'react';
import { defined } from '../../../core/defined.ts';
import { reductionOf } from '../../../core/samples/reduce.ts';
import { channelKinds } from '../../../core/scan/channel-kinds.ts';
import { buildPicture, type ViewedPicture } from '../../viewer/build-picture.ts';
import type { Plane, Region, Samples } from '../../viewer/plane.ts';
import { ArrivingSamples } from '../../viewer/planes/arriving.ts';
import { fetchedPlane } from '../../viewer/planes/fetched.ts';
import { fillSamples } from '../../viewer/planes/filled.ts';
import { fullScaleOf } from '../../viewer/settings.ts';
import { inOrder, isLarge, levelOfCopy, loadCopyOf, takeEarlyCopy } from './copy.ts';
import { retry } from './retry.ts';
import { type Channel, loadRegion, loadWhole, type Place, type View, wholeLevel } from './samples.ts';
import { clearMoment, markFirst } from './timing.ts';

export interface LoadedPicture {
  readonly viewed: ViewedPicture | undefined;
  /** Share of the samples of the channel that is on its way, 0 to 1; undefined when all are here. */
  readonly progress: number | undefined;
  /** The line is lost; what is missing is asked for again until it comes. */
  readonly isLineLost: boolean;
  readonly problem: string | undefined;
  /** What the reader looks at comes first. */
  readonly lookAt: (channel: string | undefined, region: Region) => void;
}

/** The copy of a channel that is not held has to serve for every coarser picture. */
const COPY_OF_LARGE_SAMPLES = 2 ** 21;
/** The line is quick that carries a copy in this time. */
const QUICK_MS = 250;
/** Samples of what is looked at, and of the rest, that are asked for together on a thin line. */
const REGION_SAMPLES = 2 ** 20;
const PIECE_SAMPLES = 2 ** 17;

const factsOf = (channel: Channel) => ({
  rows: channel.rows,
  columns: channel.columns,
  bits: channel.bitsAllocated === 8 ? (8 as const) : (16 as const),
  fullScale: fullScaleOf(channel),
});

function isSameRegion(a: Region, b: Region | undefined): boolean {
  return a.row === b?.row && a.column === b.column && a.rows === b.rows && a.columns === b.columns;
}

interface Looking {
  channel: string | undefined;
  region: Region | undefined;
  /** Ends what is on its way, when something else is looked at. */
  turn: AbortController;
}

interface Loading {
  readonly view: View;
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly looking: Looking;
  readonly publish: (planes: ReadonlyMap<string, Plane>, progress: number | undefined) => void;
  readonly progress: (share: number) => void;
  readonly tellLost: (isLost: boolean) => void;
}

/** Loads every channel of a view: a copy of each first, then what is looked at, then the rest. */
export function usePicture(
  { scanId, revision }: Omit<Place, 'view'>,
  view: View | undefined,
  isMain = true,
): LoadedPicture {
  const [loaded, setLoaded] = useState<Omit<LoadedPicture, 'lookAt'>>(nothingYet);
  const looking = useRef<Looking>({ channel: undefined, region: undefined, turn: new AbortController() });
  const lookAt = useRef((channel: string | undefined, region: Region) => {
    const { turn, ...last } = looking.current;
    // a look at the same place ends nothing that is on its way
    if (channel === last.channel && isSameRegion(region, last.region)) return;
    looking.current = { channel, region, turn: new AbortController() };
    turn.abort();
    if (isMain) clearMoment('nii:looked-at');
  }).current;
  useEffect(() => {
    if (view === undefined) return undefined;
    const stop = new AbortController();
    const set = (change: Partial<LoadedPicture>) =>
      stop.signal.aborted ? undefined : setLoaded((before) => ({ ...before, ...change }));
    const load = loadAll({
      view,
      place: { scanId, revision, view: view.id },
      signal: stop.signal,
      get looking() {
        return looking.current;
      },
      publish: (planes, progress) =>
        set({ viewed: buildPicture(view, ({ id }) => planes.get(id)), progress }),
      progress: (progress) => set({ progress }),
      tellLost: (isLineLost) => set({ isLineLost }),
    });
    setLoaded(nothingYet);
    load
      .then(() => {
        set({ progress: undefined });
        if (isMain) markFirst('nii:whole');
      })
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        set({ progress: undefined, problem: error instanceof Error ? error.message : String(error) });
      });
    return () => stop.abort();
  }, [scanId, revision, view, isMain]);
  return { ...loaded, lookAt };
}

const nothingYet = { viewed: undefined, progress: 0, isLineLost: false, problem: undefined } as const;

async function loadAll(loading: Loading): Promise<void> {
  const channels = inOrder(loading.view.channels);
  const planes = new Map<string, Plane>();
  for (const channel of channels.filter(isLarge)) {
    planes.set(channel.id, await loadLarge(loading, channel));
    loading.publish(new Map(planes), 0);
  }
  const held = channels.filter((channel) => !isLarge(channel));
  const arriving = new Map(held.map((channel) => [channel, arrivingOf(channel)]));
  for (const [channel, samples] of arriving) {
    const carriedMs = await loadCopyInTurn(loading, [channel, samples], arriving, planes);
    const isQuick = channel === held[0] && carriedMs <= QUICK_MS;
    // asked for before the copy is drawn, which takes its time
    const whole = isQuick ? loadAllWhole(loading, arriving, planes) : undefined;
    planes.set(channel.id, samples.plane());
    loading.publish(new Map(planes), samples.share);
    await whole;
    // all of the others is there as soon as their copies would be
    if (isQuick) break;
  }
  await loadRest(loading, arriving, planes);
}

function arrivingOf(channel: Channel): ArrivingSamples {
  const { canBeAveraged } = channelKinds[channel.kind];
  return new ArrivingSamples({
    ...factsOf(channel),
    reduction: reductionOf(channel),
    ...defined({ fill: canBeAveraged ? (all: Samples) => fillSamples(channel, all) : undefined }),
  });
}

/** A share that has grown by less is not told: each telling draws the page anew. */
const TOLD_STEP = 0.1;

/** Every channel as it is stored, at once: the service makes one ready while it sends another. */
async function loadAllWhole(loading: Loading, arriving: Arriving, planes: Map<string, Plane>): Promise<void> {
  const shares = new Map<Channel, number>();
  let told = 0;
  const tell = (channel: Channel, share: number) => {
    shares.set(channel, share);
    const all = [...shares.values()].reduce((sum, one) => sum + one, 0) / arriving.size;
    if (all < told + TOLD_STEP) return;
    told = all;
    loading.progress(all);
  };
  const load = async ([channel, samples]: readonly [Channel, ArrivingSamples]) => {
    const ask = () => loadWhole(loading.place, channel, (share) => tell(channel, share), loading.signal);
    samples.takeAll(await asked(loading, ask));
    planes.set(channel.id, samples.plane());
    loading.publish(new Map(planes), told);
  };
  await Promise.all([...arriving].filter(([, { isWhole }]) => !isWhole).map(load));
}

function asked<T>({ tellLost, signal }: Loading, ask: () => Promise<T>): Promise<T> {
  return retry(ask, tellLost, signal);
}

/**
 * The copy of the first channel is what there is to look at. That of another one waits for what is looked at, and what
 * has come of it is given up for a look.
 * @returns how long the line took to carry the copy, in milliseconds
 */
async function loadCopyInTurn(
  loading: Loading,
  [channel, samples]: readonly [Channel, ArrivingSamples],
  arriving: Arriving,
  planes: Map<string, Plane>,
): Promise<number> {
  if (planes.size === 0) return loadCopy(loading, channel, samples, loading.signal);
  for (;;) {
    await loadLookedAt(loading, arriving, planes);
    const { turn } = loading.looking;
    try {
      const signal = AbortSignal.any([loading.signal, turn.signal]);
      return await loadCopy(loading, channel, samples, signal);
    } catch (error) {
      if (!turn.signal.aborted || loading.signal.aborted) throw error;
    }
  }
}

/** @returns how long the line took to carry the copy, in milliseconds */
async function loadCopy(
  loading: Loading,
  channel: Channel,
  samples: ArrivingSamples,
  signal: AbortSignal,
): Promise<number> {
  const ask = () => loadCopyOf(loading.place, channel, signal);
  const early = await takeEarlyCopy(loading.place, channel);
  const { level, samples: copy, carriedMs } = early ?? (await asked(loading, ask));
  if (level === 0) samples.takeAll(copy);
  else samples.takeCopy(level, copy);
  return carriedMs;
}

async function loadLarge(loading: Loading, channel: Channel): Promise<Plane> {
  const level = levelOfCopy(channel, COPY_OF_LARGE_SAMPLES);
  const { place, signal } = loading;
  const whole = wholeLevel(channel, level);
  const samples = await asked(loading, () => loadRegion(place, channel, level, whole, signal));
  return fetchedPlane({
    ...factsOf(channel),
    copy: { level, samples },
    ask: (at, region) => asked(loading, () => loadRegion(place, channel, at, region, signal)),
  });
}

type Arriving = ReadonlyMap<Channel, ArrivingSamples>;

/** One region of a channel; nothing where another one was looked at meanwhile. */
async function loadPiece(
  loading: Loading,
  [channel, samples]: readonly [Channel, ArrivingSamples],
  region: Region,
  planes: Map<string, Plane>,
): Promise<void> {
  const { turn } = loading.looking;
  const signal = AbortSignal.any([loading.signal, turn.signal]);
  try {
    samples.take(region, await asked(loading, () => loadRegion(loading.place, channel, 0, region, signal)));
  } catch (error) {
    if (turn.signal.aborted && !loading.signal.aborted) return;
    throw error;
  }
  planes.set(channel.id, samples.plane());
  loading.publish(new Map(planes), samples.share);
}

/** What lacks of what is looked at, in the channel that is shown. */
function lookedAt({ looking }: Loading, arriving: Arriving) {
  const { channel: id, region } = looking;
  if (region === undefined || region.rows * region.columns > REGION_SAMPLES) return undefined;
  const found = [...arriving].find(([channel]) => channel.id === id) ?? [...arriving][0];
  const missing = found?.[1].missingIn(region);
  return found === undefined || missing === undefined ? undefined : { of: found, missing };
}

async function loadLookedAt(loading: Loading, arriving: Arriving, planes: Map<string, Plane>): Promise<void> {
  for (;;) {
    const next = lookedAt(loading, arriving);
    if (next === undefined) {
      if (loading.looking.region !== undefined) markFirst('nii:looked-at');
      return;
    }
    await loadPiece(loading, next.of, next.missing, planes);
  }
}

async function loadRest(loading: Loading, arriving: Arriving, planes: Map<string, Plane>): Promise<void> {
  for (const one of arriving) {
    for (;;) {
      await loadLookedAt(loading, arriving, planes);
      const next = one[1].nextMissing(PIECE_SAMPLES);
      if (next === undefined) break;
      await loadPiece(loading, one, next, planes);
    }
  }
}
