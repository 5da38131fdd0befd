import { Button, ToggleButton } from 'react-aria-components';
import { words } from '../../words/words.ts';

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

function Drawn({ path }: Pick<Props, 'path'>) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export function IconButton({ onPress, ...props }: Props & { readonly onPress: () => void }) {
  return (
    <span className="icon" title={saidOf(props)}>
      <Button
        className="button"
        aria-label={saidOf(props)}
        isDisabled={props.isDisabled ?? false}
        onPress={onPress}
      >
        <Drawn path={props.path} />
      </Button>
    </span>
  );
}

interface ToggleProps extends Props {
  readonly isSelected: boolean;
  readonly onChange: (on: boolean) => void;
}

export function IconToggle({ isSelected, onChange, ...props }: ToggleProps) {
  return (
    <span className="icon" title={saidOf(props)}>
      <ToggleButton
        className="button"
        aria-label={saidOf(props)}
        isSelected={isSelected}
        isDisabled={props.isDisabled ?? false}
        onChange={onChange}
      >
        <Drawn path={props.path} />
      </ToggleButton>
    </span>
  );
}
