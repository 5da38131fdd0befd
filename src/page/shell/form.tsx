import { type ReactNode, useId } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';

/** Forms and their fields. */

interface FormProps {
  readonly className?: string;
  readonly label?: string;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

export function Form({ className = 'verdict', label, onSubmit, children }: FormProps) {
  return (
    <form
      className={className}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

const MOST_CHARACTERS = 4096;
const MOST_CHARACTERS_OF_LINE = 256;

interface TextProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}

/** Several lines of text. */
export function TextArea({ label, value = '', onChange }: TextProps) {
  return (
    <label>
      <span className="quiet">{label}</span>
      <textarea
        value={value}
        maxLength={MOST_CHARACTERS}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

interface LineProps extends TextProps {
  readonly isDecimal?: boolean;
  /** It has the focus when the page opens. */
  readonly isFirst?: boolean;
  /** Offered while somebody types. */
  readonly suggestions?: readonly string[];
}

/** One line of text. */
export function TextField({
  label,
  value = '',
  isDecimal = false,
  isFirst = false,
  suggestions = [],
  onChange,
}: LineProps) {
  const list = useId();
  return (
    <label>
      <span className="quiet">{label}</span>
      <input
        value={value}
        maxLength={MOST_CHARACTERS_OF_LINE}
        inputMode={isDecimal ? 'decimal' : 'text'}
        // biome-ignore lint/a11y/noAutofocus: a page that only asks for a number takes it at once
        autoFocus={isFirst}
        list={suggestions.length === 0 ? undefined : list}
        onChange={(event) => onChange(event.target.value)}
      />
      {suggestions.length > 0 && (
        <datalist id={list}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </label>
  );
}

/** A moment of the clock of this browser, as `2026-03-04T05:06`; empty where there is none. */
export function TimeField({ label, value = '', onChange }: TextProps) {
  return (
    <label>
      <span className="quiet">{label}</span>
      <input type="datetime-local" value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  readonly value: Value | undefined;
  readonly textOf: (value: Value) => string;
  readonly onChange: (value: Value) => void;
}

/** One of a list of values, none of which is chosen at first. */
export function Choice<Value extends string>({ label, values, value, textOf, onChange }: ChoiceProps<Value>) {
  return (
    <label>
      <span className="quiet">{label}</span>
      <select
        value={value ?? ''}
        onChange={(event) => {
          const chosen = values.find((one) => one === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        <option value="" disabled />
        {values.map((one) => (
          <option key={one} value={one}>
            {textOf(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface KindsProps<Value extends string> extends Omit<ChoiceProps<Value>, 'textOf'> {
  readonly contentOf: (value: Value, index: number) => ReactNode;
}

/** One of a few kinds, all of which are in view. */
export function Kinds<Value extends string>({
  label,
  values,
  value,
  contentOf,
  onChange,
}: KindsProps<Value>) {
  return (
    <RadioGroup
      value={value ?? null}
      onChange={(next) => {
        const chosen = values.find((one) => one === next);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      <Label className="quiet">{label}</Label>
      <div className="kinds">
        {values.map((one, i) => (
          <Radio key={one} value={one} className={`kind ${one}`}>
            {contentOf(one, i)}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
