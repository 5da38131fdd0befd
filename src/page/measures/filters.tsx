import { type WordKey, words } from '../words/words.ts';
import { type MeasuresView, parts, periods } from './state.ts';

interface FiltersProps {
  readonly shown: MeasuresView;
  readonly show: (next: Partial<MeasuresView>) => void;
}

/** Of what the figures are. */
export function Filters({ shown, show }: FiltersProps) {
  return (
    <form className="choices" onSubmit={(event) => event.preventDefault()}>
      <label>
        {words('measures.period')}{' '}
        <select
          className="button"
          value={shown.days}
          onChange={({ target }) => show({ days: Number(target.value), scans: '' })}
        >
          {periods.map((days) => (
            <option key={days} value={days}>
              {words('measures.days', { count: days })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {words('measures.by')}{' '}
        <select
          className="button"
          value={shown.by}
          onChange={({ target }) => show({ by: parts.find((one) => one === target.value) ?? 'day' })}
        >
          {parts.map((part) => (
            <option key={part} value={part}>
              {words(`measures.by.${part}`)}
            </option>
          ))}
        </select>
      </label>
      <Filter label="measures.site" value={shown.site} onChange={(site) => show({ site, scans: '' })} />
      <Filter
        label="case.scanner"
        value={shown.scanner}
        onChange={(scanner) => show({ scanner, scans: '' })}
      />
    </form>
  );
}

interface FilterProps {
  readonly label: WordKey;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Asked when it is left or sent: each letter would ask for figures anew. */
function Filter({ label, value, onChange }: FilterProps) {
  return (
    <label>
      {words(label)}{' '}
      <input
        className="button"
        key={value}
        defaultValue={value}
        onBlur={({ target }) => target.value !== value && onChange(target.value)}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  );
}
