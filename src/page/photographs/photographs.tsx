import { useCallback, useState } from 'react';
import { Button, Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { api, bodyOf, type Photograph, rejectionText } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { time, words } from '../words/words.ts';
import { AddPhotographs } from './add-photographs.tsx';
import { useOutbox } from './outbox.ts';

interface Props {
  readonly caseId: string;
  /** The search goes on, and this person records its outcome. */
  readonly isOpen: boolean;
  /** Whether any is on its way. */
  readonly onSending?: (isSending: boolean) => void;
}

const addressOf = (caseId: string, { id }: Photograph) =>
  `/v1/cases/${encodeURIComponent(caseId)}/photographs/${id}`;

/** What was photographed in the search of a case. */
export function Photographs({ caseId, isOpen, onSending }: Props) {
  const ask = useCallback(
    async () =>
      bodyOf(await api.GET('/v1/cases/{caseId}/photographs', { params: { path: { caseId } } })).items,
    [caseId],
  );
  const { value = [], problem, reload } = useQuery(ask);
  const [rejected, setRejected] = useState<string>();
  const [large, setLarge] = useState<number>();
  const outbox = useOutbox(caseId, reload);
  const remove = async ({ id }: Photograph) => {
    setRejected(undefined);
    try {
      const path = { caseId, photographId: id };
      await api.DELETE('/v1/cases/{caseId}/photographs/{photographId}', { params: { path } });
    } catch (error) {
      setRejected(rejectionText(error));
    }
    await reload();
  };
  if (!isOpen && value.length === 0 && problem === undefined) return null;
  const nameOf = (at: number) =>
    words('photo.alt', { number: at + 1, count: value.length, when: time(value[at]?.addedAt ?? '') });
  const said = problem ?? rejected;
  const shown = large === undefined ? undefined : value[large];
  return (
    <section className="facts photographs" aria-label={words('photo.title')}>
      <h2>{words('photo.title')}</h2>
      {said !== undefined && <ProblemNotice message={said} />}
      {value.length > 0 && (
        <ul>
          {value.map((one, at) => (
            <li key={one.id}>
              <Button className="small-picture" aria-label={nameOf(at)} onPress={() => setLarge(at)}>
                <img src={addressOf(caseId, one)} alt="" loading="lazy" />
              </Button>
              {isOpen && (
                <Button
                  className="button"
                  aria-label={words('photo.removeOne', { number: at + 1 })}
                  onPress={() => void remove(one)}
                >
                  {words('photo.remove')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {isOpen && <AddPhotographs outbox={outbox} onSending={onSending} />}
      <ModalOverlay
        className="sheet"
        isDismissable
        isOpen={shown !== undefined}
        onOpenChange={(open) => (open ? undefined : setLarge(undefined))}
      >
        <Modal className="large-picture">
          <Dialog aria-label={large === undefined ? words('photo.title') : nameOf(large)}>
            {shown !== undefined && large !== undefined && (
              <img src={addressOf(caseId, shown)} alt={nameOf(large)} />
            )}
            <Button className="button" onPress={() => setLarge(undefined)}>
              {words('keys.close')}
            </Button>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </section>
  );
}
