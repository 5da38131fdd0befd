interface Props<Value extends string> {
  readonly name: string;
  readonly values: readonly Value[];
  readonly value: Value | undefined;
  readonly wordOf: (value: Value) => string;
  readonly onChange: (value: Value) => void;
}

/** One of a few codes, each in words. */
export function Choice<Value extends string>({ name, values, value, wordOf, onChange }: Props<Value>) {
  return (
    <label>
      <span className="quiet">{name}</span>
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
            {wordOf(one)}
          </option>
        ))}
      </select>
    </label>
  );
}
