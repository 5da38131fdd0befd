import { type ChangeEvent, useEffect } from 'react';
import { Button } from 'react-aria-components';
import { photographTypes } from '../../core/case/photograph.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { number, words } from '../words/words.ts';
import type { Outbox, Upload } from './outbox.ts';

/** What is asked of the phone: it then writes one of these, whatever its camera keeps. */
const accepted = photographTypes.join(',');

interface Props {
  readonly outbox: Outbox;
  readonly onSending: ((isSending: boolean) => void) | undefined;
}

/** From the camera or from what the phone has, several at a time. */
export function AddPhotographs({ outbox, onSending }: Props) {
  const { sending, add } = outbox;
  const isSending = sending.length > 0;
  useEffect(() => {
    onSending?.(isSending);
    return () => onSending?.(false);
  }, [isSending, onSending]);
  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    add([...(target.files ?? [])]);
    // The same file can be chosen again
    target.value = '';
  };
  return (
    <>
      <div className="row">
        <label className="button file">
          {words('photo.take')}
          <input type="file" accept={accepted} capture="environment" onChange={take} />
        </label>
        <label className="button file">
          {words('photo.choose')}
          <input type="file" accept={accepted} multiple onChange={take} />
        </label>
      </div>
      <p className="quiet">{words('photo.kept')}</p>
      {isSending && (
        <ul className="sending" aria-live="polite">
          {sending.map((one) => (
            <li key={one.number}>
              <UploadProgress one={one} />
              {one.problem !== undefined && <Failed number={one.number} outbox={outbox} />}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Failed({ number, outbox }: { readonly number: number; readonly outbox: Outbox }) {
  return (
    <span className="row">
      <Button className="button" onPress={() => outbox.again(number)}>
        {words('photo.again')}
      </Button>
      <Button className="button" onPress={() => outbox.drop(number)}>
        {words('photo.drop')}
      </Button>
    </span>
  );
}

function UploadProgress({ one: { name, share, problem } }: { readonly one: Upload }) {
  if (problem !== undefined)
    return <ProblemNotice message={words('photo.failed', { name, detail: problem })} isQuiet />;
  return (
    <label>
      <span className="quiet">
        {words('photo.sending', { name, percent: number(Math.round(share * 100)) })}
      </span>
      <progress value={share} max={1} />
    </label>
  );
}
