import { useCallback } from 'react';
import { Button, Heading } from 'react-aria-components';
import { useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { Sheet } from '../shell/sheet.tsx';
import { words } from '../words/words.ts';
import { timeText } from './figures.tsx';
import { askScans } from './state.ts';

interface ScansProps {
  readonly address: string;
  readonly onClose: () => void;
}

/** The first scans of a figure; all of them are behind its address. */
export function Scans({ address, onClose }: ScansProps) {
  const ask = useCallback(() => askScans(address), [address]);
  const { value, problem } = useQuery(ask);
  return (
    <Sheet isOpen onClose={onClose}>
      <section className="counted">
        <div className="first">
          <Heading slot="title">{words('measures.scans')}</Heading>
          <Button className="button" onPress={onClose}>
            {words('keys.close')}
          </Button>
        </div>
        {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
        <table className="figures">
          <thead>
            <tr>
              <th scope="col">{words('case.scan')}</th>
              <th scope="col">{words('measures.site')}</th>
              <th scope="col">{words('case.scanner')}</th>
              <th scope="col">{words('measures.from')}</th>
            </tr>
          </thead>
          <tbody>
            {value?.items.map(({ scanId, caseId, site, scanner, at }) => (
              <tr key={`${caseId ?? scanId} ${at}`}>
                <th scope="row">{scanId}</th>
                <td>{site}</td>
                <td>{scanner ?? words('measures.noScanner')}</td>
                <td>{timeText(at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {value?.next !== undefined && <p className="quiet">{words('measures.more')}</p>}
      </section>
    </Sheet>
  );
}
