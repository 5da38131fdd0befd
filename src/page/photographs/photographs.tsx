import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api, bodyOf, type Photograph } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { Sheet } from '../shell/sheet.tsx';
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

/** The photographs of the search of a case. */
export function Photographs({ caseId, isOpen, onSending }: Props) {
  const ask = useCallback(
    async () =>
      bodyOf(await api.GET('/v1/cases/{caseId}/photographs', { params: { path: { caseId } } })).items,
    [caseId],
  );
  const { value = [], problem: missing, reload } = useQuery(ask);
  const { problem: rejected, run } = useAction();
  const outbox = useOutbox(caseId, reload);
  const remove = async ({ id }: Photograph) => {
    await run(async () => {
      const path = { caseId, photographId: id };
      await api.DELETE('/v1/cases/{caseId}/photographs/{photographId}', { params: { path } });
    });
    await reload();
  };
  if (!isOpen && value.length === 0 && missing === undefined) return null;
  const problem = missing ?? rejected;
  return (
    <section className="facts photographs" aria-label={words('photo.title')}>
      <h2>{words('photo.title')}</h2>
      {problem !== undefined && <ProblemNotice message={problem} />}
      <Gallery
        caseId={caseId}
        photographs={value}
        onRemove={isOpen ? (one) => void remove(one) : undefined}
      />
      {isOpen && <AddPhotographs outbox={outbox} onSending={onSending} />}
    </section>
  );
}

interface GalleryProps {
  readonly caseId: string;
  readonly photographs: readonly Photograph[];
  /** Undefined if they can only be looked at. */
  readonly onRemove: ((photograph: Photograph) => void) | undefined;
}

/** Small pictures, each of which opens large. */
function Gallery({ caseId, photographs, onRemove }: GalleryProps) {
  const [large, setLarge] = useState<number>();
  const shown = large === undefined ? undefined : photographs[large];
  const nameOf = (at: number) =>
    words('photo.alt', {
      number: at + 1,
      count: photographs.length,
      when: time(photographs[at]?.addedAt ?? ''),
    });
  return (
    <>
      {photographs.length > 0 && (
        <ul>
          {photographs.map((one, at) => (
            <li key={one.id}>
              <Button className="small-picture" aria-label={nameOf(at)} onPress={() => setLarge(at)}>
                <img src={addressOf(caseId, one)} alt="" loading="lazy" />
              </Button>
              {onRemove !== undefined && <RemoveButton number={at + 1} onPress={() => onRemove(one)} />}
            </li>
          ))}
        </ul>
      )}
      <Sheet
        className="large-picture"
        isOpen={shown !== undefined}
        onClose={() => setLarge(undefined)}
        label={large === undefined ? words('photo.title') : nameOf(large)}
      >
        {shown !== undefined && large !== undefined && (
          <img src={addressOf(caseId, shown)} alt={nameOf(large)} />
        )}
        <Button className="button" onPress={() => setLarge(undefined)}>
          {words('keys.close')}
        </Button>
      </Sheet>
    </>
  );
}

function RemoveButton({ number, onPress }: { readonly number: number; readonly onPress: () => void }) {
  return (
    <Button className="button" aria-label={words('photo.removeOne', { number })} onPress={onPress}>
      {words('photo.remove')}
    </Button>
  );
}
