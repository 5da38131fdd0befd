import type { ReactNode } from 'react';
import { colourMaps, type ViewSettings } from '../../viewer/settings.ts';
import { words } from '../../words/words.ts';
import type { Channel, View } from '../loading/samples.ts';
import { SteadyButton, SteadyToggle } from './steady.tsx';
import { curves } from './tones.ts';

interface Props {
  readonly views: readonly View[];
  readonly view: View;
  readonly channels: readonly Channel[];
  readonly settings: ViewSettings | undefined;
  readonly shown: Channel | undefined;
  readonly hasMaterial: boolean;
  /** The tools that draw and measure. */
  readonly drawing: ReactNode;
  /** The tools that turn the picture and go along it. */
  readonly looking: ReactNode;
  readonly onView: (id: string) => void;
  readonly showChannel: (channel: Channel) => void;
  readonly change: (next: (before: ViewSettings) => ViewSettings) => void;
  readonly plain: () => void;
  readonly onFit: () => void;
  readonly onOneToOne: () => void;
  /** The toggles of what models marked. */
  readonly findings: ReactNode;
}

export function Tools(props: Props) {
  const { views, view, channels, settings, shown, change } = props;
  const isMaterial = settings?.shown.kind === 'material';
  return (
    <div className="tools" role="toolbar" aria-label={words('viewer.tools')}>
      {views.length > 1 && (
        <span className="group">
          {views.map(({ id, name }) => (
            <SteadyToggle
              key={id}
              isSelected={id === view.id}
              onChange={() => props.onView(id)}
              text={name ?? id}
            />
          ))}
        </span>
      )}
      <span className="group">
        {channels.map((channel) => (
          <SteadyToggle
            key={channel.id}
            isSelected={!isMaterial && channel.id === shown?.id}
            onChange={() => props.showChannel(channel)}
            text={channel.label ?? channel.id}
          />
        ))}
        {props.hasMaterial && (
          <SteadyToggle
            isSelected={isMaterial}
            onChange={() =>
              change((before) => ({ ...before, shown: { kind: 'material', only: 'all' }, invert: false }))
            }
            text={words('viewer.material')}
          />
        )}
      </span>
      <span className="group">
        {curves.map((kind) => (
          <SteadyToggle
            key={kind}
            isSelected={settings?.curve.kind === kind}
            onChange={() => change((before) => ({ ...before, curve: { kind } }))}
            text={words(`viewer.curve.${kind}`)}
          />
        ))}
        <SteadyToggle
          isSelected={settings?.invert === true}
          onChange={() => change((before) => ({ ...before, invert: !before.invert }))}
          text={words('viewer.invert')}
        />
        <label className="group">
          <span className="quiet">{words('viewer.map')}</span>
          <select
            className="button"
            value={settings?.colourMap ?? 'grey'}
            onChange={(event) => {
              const colourMap = colourMaps.find((one) => one === event.target.value);
              if (colourMap !== undefined) change((before) => ({ ...before, colourMap }));
            }}
          >
            {colourMaps.map((map) => (
              <option key={map} value={map}>
                {words(`viewer.map.${map}`)}
              </option>
            ))}
          </select>
        </label>
      </span>
      {props.drawing}
      {props.looking}
      <span className="group">
        <SteadyButton onPress={props.onFit} text={words('viewer.fit')} />
        <SteadyButton onPress={props.onOneToOne} text={words('viewer.oneToOne')} />
        {props.findings}
        <SteadyButton onPress={props.plain} text={words('viewer.plain')} shortcut="P" />
      </span>
    </div>
  );
}
