import { useState } from 'react';
import { Button, Heading } from 'react-aria-components';
import { words } from '../words/words.ts';
import { TextArea } from './form.tsx';
import { Sheet } from './sheet.tsx';

interface Props {
  /** Names the change; undefined while the dialog is closed. */
  readonly title: string | undefined;
  /** Above the text; asks for a reason unless given. */
  readonly label?: string;
  /** On the button that sends. */
  readonly send?: string;
  /** The text may be empty. */
  readonly isOptional?: boolean;
  readonly onClose: () => void;
  readonly onSend: (why: string) => void;
}

/** Asks for the text that a change needs. */
export function ReasonDialog({ title, label = words('room.why'), send, isOptional, onClose, onSend }: Props) {
  const [why, setWhy] = useState('');
  const close = () => {
    setWhy('');
    onClose();
  };
  return (
    <Sheet isOpen={title !== undefined} onClose={close}>
      <section className="verdict">
        <Heading slot="title">{title}</Heading>
        <TextArea label={label} value={why} onChange={setWhy} />
        <div className="row">
          <Button className="button" onPress={close}>
            {words('case.cancel')}
          </Button>
          <Button
            className="button main"
            isDisabled={isOptional !== true && why.trim() === ''}
            onPress={() => {
              onSend(why.trim());
              close();
            }}
          >
            {send ?? words('room.send')}
          </Button>
        </div>
      </section>
    </Sheet>
  );
}

interface ButtonProps extends Omit<Props, 'title' | 'onClose'> {
  /** On the button, and the title of its dialog unless that is given. */
  readonly name: string;
  readonly title?: string;
}

/** A button for a change that needs a text. */
export function ReasonButton({ name, title = name, ...dialog }: ButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button className="button" onPress={() => setOpen(true)}>
        {name}
      </Button>
      <ReasonDialog {...dialog} title={isOpen ? title : undefined} onClose={() => setOpen(false)} />
    </>
  );
}
