import { caseStates } from '../../core/case/case-states.ts';
import type { Vehicle } from '../api/client.ts';
import { useReasons } from '../reasons/reasons.ts';
import { PageLink } from '../shell/page-link.tsx';
import { time, words, wordsOr } from '../words/words.ts';
import { CorrectMarks } from './correct-marks.tsx';
import { saidOf } from './said.ts';

interface Props {
  readonly vehicle: Vehicle;
  /** What others said of an image is hidden while somebody may read it. */
  readonly isReader: boolean;
  readonly nameOf: (id: string) => string;
  /** Undefined for those who may not correct the numbers of a scan. */
  readonly onCorrected: (() => Promise<void>) | undefined;
}

/** What happened to a vehicle, oldest first. */
export function Timeline({ vehicle: { entries, cases, isCut }, isReader, nameOf, onCorrected }: Props) {
  const reasons = useReasons();
  if (entries.length === 0) return null;
  return (
    <section aria-label={words('vehicle.timeline')}>
      <h2>{words('vehicle.timeline')}</h2>
      {isCut && <p className="quiet">{words('vehicle.timeline.cut')}</p>}
      {isReader && cases.some(({ state }) => caseStates[state].hidesVerdicts) && (
        <p className="quiet">{words('vehicle.timeline.hidden')}</p>
      )}
      <ol className="timeline">
        {entries.map((entry) => {
          const { at, about, event, id, by } = entry;
          return (
            <li key={[at, about, event, id].join(' ')}>
              <time className="quiet" dateTime={at}>
                {time(at)}
              </time>
              <div>
                <strong>{wordsOr(`vehicle.${about}.${event}`, event)}</strong>{' '}
                {saidOf(entry, reasons).join(' · ')}
                {by !== undefined && by !== 'system' && (
                  <span className="quiet"> {words('vehicle.timeline.by', { name: nameOf(by) })}</span>
                )}
                {about === 'alarm' && event === 'opened' && (
                  <>
                    {' '}
                    <PageLink to={`/radiation/${id}`}>{words('vehicle.timeline.alarm')}</PageLink>
                  </>
                )}
                {about === 'scan' && onCorrected !== undefined && (
                  <>
                    {' '}
                    <CorrectMarks scanId={id} onChanged={onCorrected} />
                  </>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
