import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { currentLanguage, type WordKey, words } from '../words/words.ts';
import type { Row } from './state.ts';

/** Figures as text, and as a table in which each opens its scans. */

export const nameOf = (figure: string): string => {
  const [, step, percentile] = /^([a-z]+)\.p([0-9]+)$/.exec(figure) ?? [];
  if (step === undefined || percentile === undefined) return words(`figure.${figure}` as WordKey);
  return words('figure.step', { step: words(`step.${step}` as WordKey), percentile });
};

const languageTag = () => {
  const language = currentLanguage();
  return language === 'pseudo' ? 'en' : language;
};
const number = (value: number, digits: number) =>
  new Intl.NumberFormat(languageTag(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
const wholeNumber = (value: number) => number(value, 0);

export const formats: Readonly<Record<Row['unit'], (value: number) => string>> = {
  'per hour': (value) => number(value, 1),
  seconds: (value) => {
    if (value < 120) return `${number(value, 0)} s`;
    return value < 7200 ? `${number(value / 60, 0)} min` : `${number(value / 3600, 1)} h`;
  },
  share: (value) => `${number(value * 100, 1)} %`,
  kappa: (value) => number(value, 2),
  cases: wholeNumber,
};

/** Unknown is never nought. */
export function textOf({ value, low, high, unit }: Row): string {
  if (value === null) return words('measures.unknown');
  const text = formats[unit](value);
  return low === undefined || high === undefined
    ? text
    : words('measures.interval', { value: text, low: formats[unit](low), high: formats[unit](high) });
}

/** In the language of the page, as all of its words. */
export function timeText(at: number | string, style: Intl.DateTimeFormatOptions = usual): string {
  return new Intl.DateTimeFormat(languageTag(), style).format(new Date(at));
}

const usual: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' };

export interface FiguresProps {
  readonly rows: readonly Row[];
  readonly onOpen: (address: string) => void;
}

/** Figures of the whole period; each opens its scans. */
export function Figures({ rows, onOpen }: FiguresProps) {
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('measures.figure')}</th>
          <th scope="col">{words('measures.value')}</th>
          <th scope="col">{words('measures.counted')}</th>
        </tr>
      </thead>
      <tbody>
        {rows
          .filter(({ part }) => part === 'whole')
          .map((row) => (
            <tr key={row.figure}>
              <th scope="row">{nameOf(row.figure)}</th>
              <td>{textOf(row)}</td>
              <td>
                <CountCell row={row} onOpen={onOpen} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

/** How many, and of how many. */
export function CountCell({ row, onOpen }: { readonly row: Row } & Pick<FiguresProps, 'onOpen'>) {
  return (
    <>
      <ScansLink row={row} onOpen={onOpen} />
      {row.of === undefined ? '' : ` / ${wholeNumber(row.of)}`}
    </>
  );
}

interface ScansLinkProps extends Pick<FiguresProps, 'onOpen'> {
  readonly row: Row;
  /** What is pressed; the count unless given. */
  readonly text?: string;
}

export function ScansLink({
  row: { count, scansHref },
  onOpen,
  text = wholeNumber(count),
}: ScansLinkProps): ReactNode {
  if (scansHref === undefined || count === 0) return text;
  return (
    <Button className="opens" onPress={() => onOpen(scansHref)}>
      {text}
      <span className="hidden"> {words('measures.open')}</span>
    </Button>
  );
}
