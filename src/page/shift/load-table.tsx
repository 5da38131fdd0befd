import type { Load } from '../api/client.ts';
import { openStates, queueBands } from '../case/kinds.ts';
import { time, words } from '../words/words.ts';

const firstOf = (rows: readonly Load[]) => rows.map(({ firstDueAt }) => firstDueAt).toSorted()[0];
const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

/** How much there is to do, in which band, and how late it is. */
export function LoadTable({ load }: { readonly load: readonly Load[] }) {
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('room.state')}</th>
          {queueBands.map((band) => (
            <th key={band} scope="col">
              {words(`queue.band.${band}`)}
            </th>
          ))}
          <th scope="col">{words('room.pastDue')}</th>
          <th scope="col">{words('room.firstDue')}</th>
        </tr>
      </thead>
      <tbody>
        {openStates.map((state) => {
          const rows = load.filter((row) => row.state === state);
          const first = firstOf(rows);
          const late = sum(rows.map(({ pastDue }) => pastDue));
          return (
            <tr key={state}>
              <th scope="row">{words(`state.${state}`)}</th>
              {queueBands.map((band) => (
                <td key={band}>{rows.find((row) => row.band === band)?.cases ?? 0}</td>
              ))}
              <td className={late > 0 ? 'late' : undefined}>{late}</td>
              <td>{first === undefined ? '–' : time(first)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
