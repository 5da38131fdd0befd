import { Fragment } from 'react';
import { words } from '../words/words.ts';
import { CountCell, type FiguresProps, nameOf, textOf } from './figures.tsx';
import type { Row } from './state.ts';

/** The whole first, then each scanner; what is only counted has no value beside its count. */
export function ByPlace({ rows, onOpen }: FiguresProps) {
  const shown = rows.filter(({ part }) => part !== 'time');
  const whole = shown.filter(({ part }) => part === 'whole');
  const places = [...new Set(shown.map(placeOf))].toSorted((one, other) => (one < other ? -1 : 1));
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('case.scanner')}</th>
          {whole.map(({ figure, unit }) => (
            <Fragment key={figure}>
              <th scope="col">{nameOf(figure)}</th>
              {unit !== 'cases' && <th scope="col">{words('measures.counted')}</th>}
            </Fragment>
          ))}
        </tr>
      </thead>
      <tbody>
        {places.map((place) => (
          <tr key={place}>
            <th scope="row">{place === '' ? words('measures.all') : place}</th>
            {whole.map(({ figure }) => (
              <Cells
                key={figure}
                row={shown.find((one) => placeOf(one) === place && one.figure === figure)}
                onOpen={onOpen}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of the whole: nothing, which sorts first. */
function placeOf({ part, site, scanner }: Row): string {
  return part === 'whole' ? '' : `${site ?? ''}, ${scanner ?? words('measures.noScanner')}`;
}

function Cells({ row, onOpen }: { readonly row: Row | undefined } & Pick<FiguresProps, 'onOpen'>) {
  if (row === undefined) return <td>–</td>;
  return (
    <>
      {row.unit !== 'cases' && <td>{textOf(row)}</td>}
      <td>
        <CountCell row={row} onOpen={onOpen} />
      </td>
    </>
  );
}
