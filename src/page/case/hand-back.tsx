import { useState } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { words } from '../words/words.ts';

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSend: (why: string) => void;
}

/** A case goes back to the draw with a reason. */
export function HandBack({ isOpen, onClose, onSend }: Props) {
  const [why, setWhy] = useState('');
  return (
    <ModalOverlay
      className="sheet"
      isDismissable
      isOpen={isOpen}
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <Modal>
        <Dialog>
          <section className="verdict">
            <Heading slot="title">{words('case.handBack')}</Heading>
            <label>
              <span className="quiet">{words('case.handBack.why')}</span>
              <textarea value={why} maxLength={4096} onChange={(event) => setWhy(event.target.value)} />
            </label>
            <div className="row">
              <Button className="button" onPress={onClose}>
                {words('case.cancel')}
              </Button>
              <Button
                className="button main"
                isDisabled={why.trim() === ''}
                onPress={() => onSend(why.trim())}
              >
                {words('case.handBack')}
              </Button>
            </div>
          </section>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
