import { cells, type Judge, judges } from '../../core/measures/figures.ts';
import { words } from '../words/words.ts';
import { type FiguresProps, ScansLink, textOf } from './figures.tsx';
import type { Row } from './state.ts';

const pairs = judges.flatMap((one, i) => judges.slice(i + 1).map((other) => [one, other] as const));
const namesOf = (one: Judge, other: Judge) =>
  words('agreement.of', { one: words(`judge.${one}`), other: words(`judge.${other}`) });

export function Agreement({ rows, onOpen }: FiguresProps) {
  const row = (name: string) => rows.find(({ figure }) => figure === name);
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('agreement.pair')}</th>
          {cells.map((cell) => (
            <th key={cell} scope="col">
              {words(`agreement.${cell}`)}
            </th>
          ))}
          <th scope="col">{words('agreement.share')}</th>
          <th scope="col">{words('agreement.kappa')}</th>
        </tr>
      </thead>
      <tbody>
        {pairs.map(([one, other]) => {
          const [share, kappa] = [row(`${one}+${other}.agreement`), row(`${one}+${other}.kappa`)];
          return (
            <tr key={`${one} ${other}`}>
              <th scope="row">{namesOf(one, other)}</th>
              {cells.map((cell) => {
                const counted = row(`${one}+${other}.${cell}`);
                return <td key={cell}>{counted && <ScansLink row={counted} onOpen={onOpen} />}</td>;
              })}
              <td>{share && textOf(share)}</td>
              <td>{kappa && textOf(kappa)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const LINE = 30;
const percent = (share: number) => `${share * 100}%`;

/** How often each two said the same, with the interval; the table beside it says the same. */
export function AgreementPlot({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  const height = pairs.length * LINE;
  return (
    <figure className="agreement">
      <figcaption className="quiet">{words('agreement.share')}</figcaption>
      <svg role="img" aria-label={words('measures.plot', { measure: title })} height={height + 20}>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share} className={share === 0 ? 'first' : share === 1 ? 'last' : ''}>
            <line className="grid" x1={percent(share)} x2={percent(share)} y1={0} y2={height} />
            <text x={percent(share)} y={height + 15}>
              {share * 100} %
            </text>
          </g>
        ))}
        {pairs.map(([one, other], i) => (
          <Share
            key={`${one} ${other}`}
            top={i * LINE}
            name={namesOf(one, other)}
            row={rows.find(({ figure }) => figure === `${one}+${other}.agreement`)}
          />
        ))}
      </svg>
    </figure>
  );
}

interface ShareProps {
  readonly top: number;
  readonly name: string;
  readonly row: Row | undefined;
}

function Share({ top, name, row }: ShareProps) {
  const { value = null, low = value ?? 0, high = value ?? 0 } = row ?? {};
  const text = value === null ? `${name}: ${words('measures.unknown')}` : name;
  return (
    <>
      <text className="name" x={6} y={top + 12}>
        {text}
      </text>
      {value !== null && (
        <>
          <line className="interval" x1={percent(low)} x2={percent(high)} y1={top + 21} y2={top + 21} />
          <circle cx={percent(value)} cy={top + 21} r={4} />
        </>
      )}
    </>
  );
}
