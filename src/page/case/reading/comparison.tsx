import { useCallback, useEffect, useMemo, useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import { api, bodyOf, type Comparison } from '../../api/client.ts';
import { type Query, useQuery } from '../../api/query.ts';
import { useKeys } from '../../shell/keys.ts';
import { fitPicture, type Scene } from '../../viewer/geometry.ts';
import { followLeader } from '../../viewer/linked.ts';
import { boxOfLines } from '../../viewer/masked.ts';
import { fullScaleOf, type ViewSettings } from '../../viewer/settings.ts';
import { time, words } from '../../words/words.ts';
import { useMaskedLines } from '../loading/masked.ts';
import { usePicture } from '../loading/picture.ts';
import { useRecord } from '../loading/record.ts';
import type { Channel, View } from '../loading/samples.ts';
import { PictureCanvas } from './canvas.tsx';
import { firstSettings, moveWindow } from './tones.ts';

/** What the picture of the case looks like now, for one beside it that follows. */
interface Leader {
  readonly scene: Scene;
  readonly settings: ViewSettings;
  readonly channel: Channel;
}

interface Props {
  readonly caseId: string;
  readonly leading: Leader;
  /** The other picture was moved, and both move together. */
  readonly onLead: (settings: ViewSettings) => void;
}

function titleOf({ because, chapter, receivedAt, view }: Comparison): string {
  const values = { chapter: chapter ?? '', when: time(receivedAt), view: view ?? '' };
  return words(`beside.${because}`, values);
}

function resultOf({ kind, result }: Comparison): string | undefined {
  if (kind !== 'earlier') return undefined;
  if (result === undefined) return words('beside.noResult');
  const verdict = words(`verdict.${result.verdict}`);
  return result.outcome === undefined ? verdict : `${verdict} · ${words(`outcome.${result.outcome}`)}`;
}

/** Pictures that can be shown beside that of a case. */
function useComparisons(caseId: string): Query<Comparison[]> {
  return useQuery(
    useCallback(async () => {
      const path = { caseId };
      return bodyOf(await api.GET('/v1/cases/{caseId}/comparisons', { params: { path } })).items;
    }, [caseId]),
  );
}

/** Another picture beside that of the case: B shows the next one, Y lets both move apart or together. */
export function Comparisons({ caseId, leading, onLead }: Props) {
  const { value: pictures, problem } = useComparisons(caseId);
  const [at, setAt] = useState(0);
  const [isLocked, lock] = useState(true);
  const count = pictures?.length ?? 0;
  useKeys([
    ['b', () => count > 0 && setAt((before) => (before + 1) % count)],
    ['y', () => lock((before) => !before)],
  ]);
  const chosen = pictures?.[at];
  return (
    <div className="beside-picture">
      <div className="choices" role="toolbar" aria-label={words('beside.title')}>
        <PictureChoice pictures={pictures ?? []} at={at} onChange={setAt} />
        <ToggleButton className="button" isSelected={isLocked} onChange={lock}>
          {words('beside.locked')}
          <kbd>Y</kbd>
        </ToggleButton>
        {chosen !== undefined && <span className="quiet">{resultOf(chosen)}</span>}
      </div>
      {chosen === undefined ? (
        <p className="notice" role="status">
          {problem ?? words(pictures === undefined ? 'app.loading' : 'beside.none')}
        </p>
      ) : (
        <ComparedPicture
          key={`${chosen.scanId} ${chosen.view ?? ''}`}
          {...{ chosen, leading, onLead, isLocked }}
        />
      )}
    </div>
  );
}

interface PictureChoiceProps {
  readonly pictures: readonly Comparison[];
  readonly at: number;
  readonly onChange: (at: number) => void;
}

function PictureChoice({ pictures, at, onChange }: PictureChoiceProps) {
  return (
    <select
      className="button"
      aria-label={words('beside.title')}
      value={at}
      onChange={(event) => onChange(Number(event.target.value))}
    >
      {pictures.map((picture, i) => (
        <option key={`${picture.scanId} ${picture.view ?? ''}`} value={i}>
          {titleOf(picture)}
        </option>
      ))}
    </select>
  );
}

interface ComparedPictureProps extends Omit<Props, 'caseId'> {
  readonly chosen: Comparison;
  readonly isLocked: boolean;
}

function ComparedPicture({ chosen, leading, onLead, isLocked }: ComparedPictureProps) {
  const record = useRecord(chosen.scanId, chosen.revision);
  const view = record?.views.find(({ id }) => id === chosen.view) ?? record?.views[0];
  const place = useMemo(() => ({ scanId: chosen.scanId, revision: chosen.revision }), [chosen]);
  const { viewed, progress, problem } = usePicture(place, view, false);
  const picture = viewed?.picture;
  const channel = matchingChannel(view, leading.channel, (id) => picture?.planes.has(id) === true);
  const masked = useMaskedLines(chosen.scanId, chosen.revision);
  const { settings, change, setScene } = useFollower(leading, onLead, channel, isLocked);
  if (picture === undefined || channel === undefined || settings === undefined)
    return (
      <p className="notice" role="status">
        {problem ?? words('app.loading')}
      </p>
    );
  return (
    <div className="picture">
      <PictureCanvas
        {...{ picture, settings }}
        onChange={change}
        onWindow={(by, wider) => change((before) => moveWindow(before, channel, { by, wider }))}
        masked={masked.filter((lines) => lines.view === view?.id).map((lines) => boxOfLines(lines, picture))}
        findings={nothing}
        onPoint={ignore}
        onUnavailable={ignore}
        onScene={setScene}
      />
      {progress !== undefined && (
        <span className="over" role="status">
          {words('viewer.loading', { percent: Math.round(progress * 100) })}
        </span>
      )}
    </div>
  );
}

const nothing = [] as const;
const ignore = () => {};

/** The settings of a picture that follows the leading one while both are locked, and leads it when it is moved. */
function useFollower(
  leading: Leader,
  onLead: Props['onLead'],
  channel: Channel | undefined,
  isLocked: boolean,
) {
  const [scene, setScene] = useState<Scene>();
  const [own, setOwn] = useState<ViewSettings>();
  const { scene: ledScene, settings: led, channel: ledChannel } = leading;
  // of its own settings a picture that follows keeps only the channel
  const ownShown = own?.shown;
  const following = useMemo(() => {
    if (!isLocked || scene === undefined || channel === undefined) return undefined;
    const first = firstSettings(channel);
    const settings = { ...first, shown: ownShown ?? first.shown };
    return followLeader(
      linked({ scene: ledScene, settings: led, channel: ledChannel }),
      linked({ scene, settings, channel }),
    );
  }, [isLocked, scene, channel, ownShown, ledScene, led, ledChannel]);
  const alone = useMemo(() => {
    if (channel === undefined) return undefined;
    return own ?? (scene === undefined ? firstSettings(channel) : fitPicture(scene, firstSettings(channel)));
  }, [own, scene, channel]);
  // the last settings that were followed are kept, so that unlocking moves nothing
  useEffect(() => {
    if (following !== undefined) setOwn(following);
  }, [following]);
  const settings = following ?? alone;
  const change = (next: (before: ViewSettings) => ViewSettings) => {
    if (settings === undefined || channel === undefined) return;
    const changed = next(settings);
    if (!isLocked || scene === undefined) setOwn(changed);
    else onLead(followLeader(linked({ scene, settings: changed, channel }), linked(leading)));
  };
  return { settings, change, setScene };
}

function linked({ scene, settings, channel }: Leader) {
  return { scene, settings, fullScale: fullScaleOf(channel) };
}

/** The channel that shows what the leading one does: of the same kind and energy, else the first there is. */
function matchingChannel(
  view: View | undefined,
  { kind, energy }: Channel,
  isThere: (id: string) => boolean,
): Channel | undefined {
  const channels = view?.channels.filter(({ id }) => isThere(id)) ?? [];
  return channels.find((one) => one.kind === kind && one.energy === energy) ?? channels[0];
}
