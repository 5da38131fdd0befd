import { useEffect, useRef, useState } from 'react';
import { channelKinds } from '../../../core/scan/channel-kinds.ts';
import type { ScanRecord } from '../../api/client.ts';
import { fitPicture, regionInView, type Scene } from '../../viewer/geometry.ts';
import type { Picture } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import type { LoadedPicture } from '../loading/picture.ts';
import type { Channel, View } from '../loading/samples.ts';
import { lookChanges } from './changes.ts';
import { type AddressedLook, pageScale, useAddressedLook, withLook } from './place.ts';
import { type ReadingLog, toolsBetween } from './reading-log.ts';
import { firstSettings } from './tones.ts';

interface Options {
  readonly view: View;
  readonly units: ScanRecord['units'];
  readonly picture: Picture | undefined;
  readonly lookAt: LoadedPicture['lookAt'];
  readonly log: ReadingLog;
}

/** A look that lasts this long is loaded first. */
const LOOK_MS = 150;

/** Where the reader looks in a view, and with which settings. */
export function useLook({ view, units, picture, lookAt, log }: Options) {
  const [chosen, setSettings] = useState<ViewSettings>();
  const [scene, setScene] = useState<Scene>();
  useToolLog(chosen, log);
  const channels = view.channels.filter(
    ({ id, kind }) => channelKinds[kind].canBeAveraged && picture?.planes.has(id),
  );
  const leading = channels.find(({ kind }) => channelKinds[kind].isPreviewedFirst) ?? channels[0];
  const addressed = useAddressedLook(view.id, scene, chosen);
  const settings = chosen ?? (leading && scene && firstLook(scene, firstSettings(leading), addressed));
  const shown = shownChannel(channels, settings, leading);
  useEffect(() => {
    if (settings === undefined || scene === undefined) return undefined;
    // after a rest, because it ends what is on its way for another place
    const timer = setTimeout(() => lookAt(shown?.id, regionInView(scene, settings)), LOOK_MS);
    return () => clearTimeout(timer);
  }, [settings, scene, shown?.id, lookAt]);
  const change = (next: (before: ViewSettings) => ViewSettings) =>
    setSettings((before) => {
      const now = before ?? settings;
      return now === undefined ? before : next(now);
    });
  const look = lookChanges({ change, scene, channels, shown, leading, units });
  return { channels, leading, shown, settings, scene, setScene, change, look };
}

/** Notes which tools the reader uses. */
function useToolLog(chosen: ViewSettings | undefined, log: ReadingLog): void {
  const last = useRef<ViewSettings>(undefined);
  useEffect(() => {
    if (chosen === undefined) return;
    if (last.current !== undefined) log.used(toolsBetween(last.current, chosen));
    last.current = chosen;
  }, [chosen, log]);
}

function firstLook(scene: Scene, first: ViewSettings, addressed: AddressedLook | undefined): ViewSettings {
  return addressed === undefined ? fitPicture(scene, first) : withLook(scene, first, addressed, pageScale());
}

function shownChannel(
  channels: readonly Channel[],
  settings: ViewSettings | undefined,
  leading: Channel | undefined,
): Channel | undefined {
  const id = settings?.shown.kind === 'channel' ? settings.shown.id : leading?.id;
  return channels.find((channel) => channel.id === id);
}
