import { useState } from 'react';
import { Button } from 'react-aria-components';
import { ProblemText } from '../../shell/problem.tsx';
import { words } from '../../words/words.ts';
import type { Annotations } from './annotations.ts';
import type { VisibleAnnotation } from './pending.ts';

/** What was drawn, in words, with a state that says whether the service has it. */

const MOST_CHARACTERS = 500;

interface Props {
  readonly desk: Annotations;
  /** Else another drew them, and they are only read. */
  readonly isOwn: boolean;
}

export function AnnotationList({ desk, isOwn }: Props) {
  const { shown, rejected, state, writing } = desk;
  if (
    shown.length === 0 &&
    rejected.length === 0 &&
    writing === undefined &&
    state === 'saved' &&
    !desk.canUndo
  )
    return null;
  return (
    <section className="annotations" aria-label={words('marks.title')}>
      <header>
        <h2>{words('marks.title')}</h2>
        {isOwn && (
          <>
            <span className={state === 'waiting' ? 'bad' : 'quiet'} role="status">
              {words(`marks.state.${state}`)}
            </span>
            <Button className="button" onPress={desk.undo} isDisabled={!desk.canUndo}>
              {words('marks.undo')} <kbd>U</kbd>
            </Button>
          </>
        )}
      </header>
      <ol>
        {shown.map((one, i) =>
          isOwn ? (
            <Row key={`${one.id} ${one.text ?? ''}`} one={one} number={i + 1} desk={desk} />
          ) : (
            <li key={one.id}>
              <span className="number">{i + 1}</span>
              <span className="shape">{words(`marks.shape.${one.shape}`)}</span> <span>{one.text}</span>
            </li>
          ),
        )}
      </ol>
      {writing !== undefined && (
        <input
          aria-label={words('marks.write')}
          placeholder={words('marks.write')}
          maxLength={MOST_CHARACTERS}
          // the reader has just said where the words belong
          // biome-ignore lint/a11y/noAutofocus: see above
          autoFocus
          onBlur={(event) => desk.write(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') desk.write(undefined);
            if (event.key !== 'Enter') return;
            // what takes the focus afterwards does not get this key
            event.preventDefault();
            event.stopPropagation();
            event.currentTarget.blur();
          }}
        />
      )}
      {rejected.map((one) => (
        <p key={one.step.key} className="notice bad" role="alert">
          <ProblemText message={words('marks.rejected', { why: one.why })} />
          <Button className="button" onPress={() => desk.dismiss(one)}>
            {words('marks.dismiss')}
          </Button>
        </p>
      ))}
    </section>
  );
}

interface RowProps {
  readonly one: VisibleAnnotation;
  readonly number: number;
  readonly desk: Annotations;
}

function Row({ one, number, desk }: RowProps) {
  const [text, setText] = useState(one.text ?? '');
  const name = words(`marks.shape.${one.shape}`);
  return (
    <li className={one.state}>
      <span className="number">{number}</span>
      <span className="shape">{name}</span>
      <input
        aria-label={words('marks.textOf', { number, shape: name })}
        placeholder={words('marks.text')}
        value={text}
        maxLength={MOST_CHARACTERS}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => desk.changeText(one.id, text.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText(one.text ?? '');
          if (event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      <Button
        className="button small"
        aria-label={words('marks.remove', { number, shape: name })}
        onPress={() => desk.remove(one.id)}
      >
        ×
      </Button>
    </li>
  );
}
