import type { Vehicle } from '../api/client.ts';
import { PageLink } from '../shell/page-link.tsx';
import { words, wordsOr } from '../words/words.ts';

type Instruction = NonNullable<Vehicle['instruction']>;

const noticeOf: Readonly<Record<Instruction['instruction'], string>> = {
  hold: 'notice bad',
  rescan: 'notice',
  proceed: 'notice',
};

/** What the lane is told of the vehicle, and why. */
export function ToldNow({ vehicle: { instruction } }: { readonly vehicle: Vehicle }) {
  return (
    <section aria-label={words('vehicle.now')}>
      <h2>{words('vehicle.now')}</h2>
      {instruction === undefined ? <p>{words('vehicle.now.none')}</p> : <Told instruction={instruction} />}
    </section>
  );
}

function Told({ instruction: { instruction, final, reasons = [] } }: { readonly instruction: Instruction }) {
  const what = words(`outlook.${instruction}`);
  return (
    <>
      <p className={noticeOf[instruction]} role="status">
        <strong>{words(final ? 'vehicle.now.final' : 'vehicle.now.open', { what })}</strong>
      </p>
      <ul>
        {reasons.map(({ code, text, scanId = '', unitId = '', holdId }) => (
          <li key={[code, scanId, unitId, holdId].join(' ')}>
            {wordsOr(`lane.${code}`, text)}{' '}
            {holdId !== undefined && (
              <PageLink to={`/radiation/${holdId}`}>{words('vehicle.timeline.alarm')}</PageLink>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
