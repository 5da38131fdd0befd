import { useState } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { words } from '../words/words.ts';

interface Props {
  /** What is asked for; undefined while nothing is. */
  readonly title: string | undefined;
  /** Above what is written; a reason unless given. */
  readonly label?: string;
  /** On the button that sends. */
  readonly send?: string;
  /** It can be sent without a word. */
  readonly isOptional?: boolean;
  readonly onClose: () => void;
  readonly onSend: (why: string) => void;
}

/** Asks for the reason of a move that needs one. */
export function ReasonDialog({ title, label = words('room.why'), send, isOptional, onClose, onSend }: Props) {
  const [why, setWhy] = useState('');
  const close = () => {
    setWhy('');
    onClose();
  };
  return (
    <ModalOverlay
      className="sheet"
      isDismissable
      isOpen={title !== undefined}
      onOpenChange={(open) => (open ? undefined : close())}
    >
      <Modal>
        <Dialog>
          <section className="verdict">
            <Heading slot="title">{title}</Heading>
            <label>
              <span className="quiet">{label}</span>
              <textarea value={why} maxLength={4096} onChange={(event) => setWhy(event.target.value)} />
            </label>
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
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
