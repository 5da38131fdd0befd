import { colourMaps } from '../../viewer/settings.ts';
import { words } from '../../words/words.ts';
import { DrawingTools } from '../annotations/tools.tsx';
import { FindingToggles } from '../findings/toggles.tsx';
import type { View } from '../loading/samples.ts';
import { LookTools } from './look-tools.tsx';
import { SteadyButton, SteadyToggle } from './steady.tsx';
import { curves } from './tones.ts';
import type { ViewReading } from './use-reading.ts';

interface Props {
  readonly reading: ViewReading;
  readonly views: readonly View[];
  readonly onView: (id: string) => void;
  readonly isHeld: boolean;
}

/** The toolbar above the picture. */
export function Tools({ reading, views, onView, isHeld }: Props) {
  const { view, look, pen, switches, findings } = reading;
  return (
    <div className="tools" role="toolbar" aria-label={words('viewer.tools')}>
      {views.length > 1 && (
        <span className="group">
          {views.map(({ id, name }) => (
            <SteadyToggle
              key={id}
              isSelected={id === view.id}
              onChange={() => onView(id)}
              text={name ?? id}
            />
          ))}
        </span>
      )}
      <ChannelTools reading={reading} />
      <ToneTools reading={reading} />
      <DrawingTools
        tool={pen.tool}
        onTool={pen.setTool}
        isHeld={isHeld}
        isHistogramShown={switches.isOn('histogram')}
        onHistogram={() => switches.toggle('histogram')}
      />
      <LookTools reading={reading} />
      <span className="group">
        <SteadyButton onPress={look.fit} text={words('viewer.fit')} />
        <SteadyButton onPress={look.oneToOne} text={words('viewer.oneToOne')} />
        <FindingToggles findings={findings} />
        <SteadyButton onPress={look.plain} text={words('viewer.plain')} shortcut="P" />
      </span>
    </div>
  );
}

type OfView = Pick<Props, 'reading'>;

function ChannelTools({ reading: { channels, settings, shown, picture, look, change } }: OfView) {
  const isMaterial = settings?.shown.kind === 'material';
  return (
    <span className="group">
      {channels.map((channel) => (
        <SteadyToggle
          key={channel.id}
          isSelected={!isMaterial && channel.id === shown?.id}
          onChange={() => look.showChannel(channel)}
          text={channel.label ?? channel.id}
        />
      ))}
      {picture?.material !== undefined && (
        <SteadyToggle
          isSelected={isMaterial}
          onChange={() =>
            change((before) => ({ ...before, shown: { kind: 'material', only: 'all' }, invert: false }))
          }
          text={words('viewer.material')}
        />
      )}
    </span>
  );
}

function ToneTools({ reading: { settings, look, change } }: OfView) {
  return (
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
        onChange={look.invert}
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
  );
}
