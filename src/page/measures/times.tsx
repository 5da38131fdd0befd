import { steps } from '../../core/measures/figures.ts';
import { words } from '../words/words.ts';
import { type FiguresProps, formats, ScansLink } from './figures.tsx';

const percentiles = [50, 90, 95, 99] as const;

/** One line a step: within which time this many of a hundred cases had taken it. Each opens those that took longer. */
export function Times({ rows, onOpen }: FiguresProps) {
  const found = new Map(rows.filter(({ part }) => part === 'whole').map((row) => [row.figure, row]));
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('measures.step')}</th>
          {percentiles.map((percentile) => (
            <th key={percentile} scope="col">
              {percentile} %
            </th>
          ))}
          <th scope="col">{words('measures.counted')}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step}>
            <th scope="row">{words(`step.${step}`)}</th>
            {percentiles.map((percentile) => {
              const row = found.get(`${step}.p${percentile}`);
              const value = row?.value ?? null;
              return (
                <td key={percentile}>
                  {row === undefined || value === null ? (
                    words('measures.unknown')
                  ) : (
                    <ScansLink row={row} onOpen={onOpen} text={formats.seconds(value)} />
                  )}
                </td>
              );
            })}
            <td>{found.get(`${step}.p50`)?.count ?? 0}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
