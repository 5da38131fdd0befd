import { useState } from 'react';
import { Button } from 'react-aria-components';
import { ProblemText } from '../../shell/problem.tsx';
import { words } from '../../words/words.ts';
import type { Annotations } from './annotations.ts';
import type { VisibleAnnotation } from './pending.ts';

/** What was drawn, in words, with a state that says whether the service has it. */

const MOST_CHARACTERS = 500;

interface Props {
  readonly annotations: Annotations;
  /** False if another person drew them: then they can only be read. */
  readonly isOwn: boolean;
}

export function AnnotationList({ annotations, isOwn }: Props) {
  const { shown, rejected, writing, write } = annotations;
  if (isEmpty(annotations)) return null;
  return (
    <section className="annotations" aria-label={words('marks.title')}>
      <header>
        <h2>{words('marks.title')}</h2>
        {isOwn && <SaveState annotations={annotations} />}
      </header>
      <ol>
        {shown.map((one, i) =>
          isOwn ? (
            <Row key={`${one.id} ${one.text ?? ''}`} one={one} number={i + 1} annotations={annotations} />
          ) : (
            <li key={one.id}>
              <span className="number">{i + 1}</span>
              <span className="shape">{words(`marks.shape.${one.shape}`)}</span> <span>{one.text}</span>
            </li>
          ),
        )}
      </ol>
      {writing !== undefined && <NewText onWrite={write} />}
      {rejected.map((one) => (
        <p key={one.step.key} className="notice bad" role="alert">
          <ProblemText message={words('marks.rejected', { why: one.why })} />
          <Button className="button" onPress={() => annotations.dismiss(one)}>
            {words('marks.dismiss')}
          </Button>
        </p>
      ))}
    </section>
  );
}

function isEmpty({ shown, rejected, state, writing, canUndo }: Annotations): boolean {
  const isNothing = shown.length === 0 && rejected.length === 0 && writing === undefined;
  return isNothing && state === 'saved' && !canUndo;
}

function SaveState({ annotations: { state, undo, canUndo } }: { readonly annotations: Annotations }) {
  return (
    <>
      <span className={state === 'waiting' ? 'bad' : 'quiet'} role="status">
        {words(`marks.state.${state}`)}
      </span>
      <Button className="button" onPress={undo} isDisabled={!canUndo}>
        {words('marks.undo')} <kbd>U</kbd>
      </Button>
    </>
  );
}

/** The text of an annotation that was just placed. */
function NewText({ onWrite }: { readonly onWrite: Annotations['write'] }) {
  return (
    <input
      aria-label={words('marks.write')}
      placeholder={words('marks.write')}
      maxLength={MOST_CHARACTERS}
      // the reader has just said where the words belong
      // biome-ignore lint/a11y/noAutofocus: see above
      autoFocus
      onBlur={(event) => onWrite(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onWrite(undefined);
        if (event.key !== 'Enter') return;
        // what takes the focus afterwards does not get this key
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.blur();
      }}
    />
  );
}

interface RowProps {
  readonly one: VisibleAnnotation;
  readonly number: number;
  readonly annotations: Annotations;
}

function Row({ one, number, annotations }: RowProps) {
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
        onBlur={() => annotations.changeText(one.id, text.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText(one.text ?? '');
          if (event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      <Button
        className="button small"
        aria-label={words('marks.remove', { number, shape: name })}
        onPress={() => annotations.remove(one.id)}
      >
        ×
      </Button>
    </li>
  );
}
