import { words } from '../../words/words.ts';
import { SteadyButton, SteadyToggle } from './steady.tsx';

/** A button that shows an icon; its words, with its key, are told by a screen reader and when the pointer rests. */

interface Props {
  readonly name: string;
  /** As the sheet of keys has it. */
  readonly shortcut: string;
  /** Drawn in 16 x 16. */
  readonly path: string;
  readonly isDisabled?: boolean;
}

const saidOf = ({ name, shortcut }: Props) => words('marks.tool', { name, key: shortcut });

export function IconButton({ onPress, ...props }: Props & { readonly onPress: () => void }) {
  const said = saidOf(props);
  return (
    <span className="icon" title={said}>
      <SteadyButton icon={props.path} label={said} isDisabled={props.isDisabled ?? false} onPress={onPress} />
    </span>
  );
}

interface ToggleProps extends Props {
  readonly isSelected: boolean;
  readonly onChange: (on: boolean) => void;
}

export function IconToggle({ isSelected, onChange, ...props }: ToggleProps) {
  const said = saidOf(props);
  return (
    <span className="icon" title={said}>
      <SteadyToggle
        icon={props.path}
        label={said}
        isDisabled={props.isDisabled ?? false}
        {...{ isSelected, onChange }}
      />
    </span>
  );
}
