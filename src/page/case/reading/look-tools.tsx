import { words } from '../../words/words.ts';
import type { LookChanges } from './changes.ts';
import { IconButton, IconToggle } from './icon.tsx';
import type { ViewReading } from './use-reading.ts';

const icons = {
  rotate: 'M3 8a5 5 0 1 0 1.6-3.7M3 2v4h4',
  mirror: 'M8 2v12M6 4L2 12h4zM10 4l4 8h-4z',
  loupe: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.5 10.5L14 14',
  compare: 'M2 3.5h5v9H2zM9 3.5h5v9H9z',
  lastUnit: 'M10 3L5 8l5 5M3 3v10',
  nextUnit: 'M6 3l5 5-5 5M13 3v10',
} as const;

/** Turns the picture, goes along it, and shows something beside it. */
export function LookTools({
  reading: { settings, units, look, switches },
}: {
  readonly reading: ViewReading;
}) {
  const hasUnits = units.filter(({ extent }) => extent !== undefined).length > 1;
  return (
    <span className="group">
      <IconButton name={words('viewer.rotate')} shortcut="E" path={icons.rotate} onPress={look.rotate} />
      <IconToggle
        name={words('viewer.mirror')}
        shortcut="X"
        path={icons.mirror}
        isSelected={settings?.mirror === true}
        onChange={look.mirror}
      />
      <IconToggle
        name={words('keys.loupe')}
        shortcut="Q"
        path={icons.loupe}
        isSelected={switches.isOn('loupe')}
        onChange={() => switches.toggle('loupe')}
      />
      <IconToggle
        name={words('beside.title')}
        shortcut="V"
        path={icons.compare}
        isSelected={switches.isOn('compare')}
        onChange={() => switches.toggle('compare')}
      />
      {hasUnits && <UnitTools goToUnit={look.goToUnit} />}
    </span>
  );
}

function UnitTools({ goToUnit }: Pick<LookChanges, 'goToUnit'>) {
  return (
    <>
      <IconButton
        name={words('viewer.lastUnit')}
        shortcut=","
        path={icons.lastUnit}
        onPress={() => goToUnit(-1)}
      />
      <IconButton
        name={words('viewer.nextUnit')}
        shortcut="."
        path={icons.nextUnit}
        onPress={() => goToUnit(1)}
      />
    </>
  );
}
