import { memo, type RefObject, useRef } from 'react';
import { Button, ToggleButton } from 'react-aria-components';

/**
 * Buttons of the picture. While a hand drags, the page is drawn anew with each frame: a button is left as it is where
 * what it shows is the same, and what it does is looked up when it is used.
 */

/** Plain values alone, so that the same ones are seen to be the same. */
interface Face {
  readonly text?: string;
  /** After the text, as the sheet of keys has it. */
  readonly shortcut?: string;
  /** In place of the text, drawn in 16 x 16. */
  readonly icon?: string;
  /** Told by a screen reader in place of the text. */
  readonly label?: string;
  readonly isDisabled?: boolean;
}

interface ToggleFace extends Face {
  readonly isSelected: boolean;
}

type Act<A> = RefObject<A>;

function Inside({ text, shortcut, icon }: Face) {
  return icon === undefined ? (
    <>
      {text}
      {shortcut !== undefined && (
        <>
          {' '}
          <kbd>{shortcut}</kbd>
        </>
      )}
    </>
  ) : (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={icon} />
    </svg>
  );
}

const named = (label: string | undefined) => (label === undefined ? {} : { 'aria-label': label });

const StillButton = memo(function StillButton({ act, ...face }: Face & { readonly act: Act<() => void> }) {
  return (
    <Button
      className="button"
      {...named(face.label)}
      isDisabled={face.isDisabled ?? false}
      onPress={() => act.current()}
    >
      <Inside {...face} />
    </Button>
  );
});

export function SteadyButton({ onPress, ...face }: Face & { readonly onPress: () => void }) {
  const act = useRef(onPress);
  act.current = onPress;
  return <StillButton {...face} act={act} />;
}

const StillToggle = memo(function StillToggle({
  act,
  ...face
}: ToggleFace & { readonly act: Act<(on: boolean) => void> }) {
  return (
    <ToggleButton
      className="button"
      {...named(face.label)}
      isSelected={face.isSelected}
      isDisabled={face.isDisabled ?? false}
      onChange={(on) => act.current(on)}
    >
      <Inside {...face} />
    </ToggleButton>
  );
});

export function SteadyToggle({
  onChange,
  ...face
}: ToggleFace & { readonly onChange: (on: boolean) => void }) {
  const act = useRef(onChange);
  act.current = onChange;
  return <StillToggle {...face} act={act} />;
}
