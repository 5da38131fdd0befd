import { useEffect, useState } from 'react';
import { pictureOf, type ViewedPicture } from '../../viewer/picture-of.ts';
import { type Plane, planeInMemory, reductionOf } from '../../viewer/plane.ts';
import { fullScaleOf } from '../../viewer/settings.ts';
import { markOnce } from '../marks.ts';
import { type Channel, canWindow, loadChannel, type View } from './samples.ts';

export interface LoadedPicture {
  readonly viewed: ViewedPicture | undefined;
  /** Share of the samples of the channel that is on its way, 0 to 1; undefined when all are here. */
  readonly progress: number | undefined;
  readonly trouble: string | undefined;
}

interface Place {
  readonly scanId: string;
  readonly revision: number;
}

/** Transmission of the highest energy first: that is what is read first. */
function inOrder(channels: readonly Channel[]): readonly Channel[] {
  const rank = ({ kind, energy }: Channel) => (kind === 'transmission' ? (energy === 'low' ? 1 : 0) : 2);
  return channels.filter(canWindow).toSorted((a, b) => rank(a) - rank(b));
}

const planeOf = (channel: Channel, samples: Uint8Array | Uint16Array): Plane =>
  planeInMemory(
    { rows: channel.rows, columns: channel.columns, fullScale: fullScaleOf(channel) },
    samples,
    reductionOf(channel),
  );

/** Loads every channel of a view, one after the other, and shows what is there already. */
export function usePicture({ scanId, revision }: Place, view: View | undefined): LoadedPicture {
  const [loaded, setLoaded] = useState<LoadedPicture>({ viewed: undefined, progress: 0, trouble: undefined });
  useEffect(() => {
    if (view === undefined) return undefined;
    const stop = new AbortController();
    const planes = new Map<string, Plane>();
    const load = async () => {
      for (const channel of inOrder(view.channels)) {
        const place = { scanId, revision, view: view.id };
        const tell = (progress: number) => setLoaded((before) => ({ ...before, progress }));
        const { samples } = await loadChannel(place, channel, tell, stop.signal);
        planes.set(channel.id, planeOf(channel, samples));
        const viewed = pictureOf(view, ({ id }) => planes.get(id));
        setLoaded({ viewed, progress: 0, trouble: undefined });
      }
      setLoaded((before) => ({ ...before, progress: undefined }));
      markOnce('nii:whole');
    };
    setLoaded({ viewed: undefined, progress: 0, trouble: undefined });
    load().catch((error: unknown) => {
      if (stop.signal.aborted) return;
      const trouble = error instanceof Error ? error.message : String(error);
      setLoaded((before) => ({ ...before, progress: undefined, trouble }));
    });
    return () => stop.abort();
  }, [scanId, revision, view]);
  return loaded;
}
