import type { ReactNode } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { defined } from '../../core/defined.ts';

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly className?: string;
  /** Names a dialog that has no heading of its own. */
  readonly label?: string | undefined;
  readonly children: ReactNode;
}

/** A dialog over the page, which closes on Escape and on a click beside it. */
export function Sheet({ isOpen, onClose, className, label, children }: Props) {
  return (
    <ModalOverlay
      className="sheet"
      isDismissable
      isOpen={isOpen}
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <Modal {...defined({ className })}>
        <Dialog {...defined({ 'aria-label': label })}>{children}</Dialog>
      </Modal>
    </ModalOverlay>
  );
}
