import { useCallback, useEffect, useState } from 'react';
import { AskAdvice } from '../advice/ask-advice.tsx';
import { GiveAdvice } from '../advice/give-advice.tsx';
import { Rejected } from '../api/client.ts';
import { takeNext } from '../queue/home.tsx';
import { useReasons, usualReason } from '../reasons/reasons.ts';
import { useKeys } from '../shell/keys.ts';
import { goTo } from '../shell/location.ts';
import { Trouble, TroubleWords } from '../shell/trouble.tsx';
import { WhyDialog } from '../shell/why-dialog.tsx';
import { time, words } from '../words/words.ts';
import { useHeldCase } from './claim.ts';
import { useDraft } from './draft.ts';
import { Facts } from './facts.tsx';
import { useFound } from './findings/found.ts';
import { useRecord } from './loading/record.ts';
import { useAnnotations } from './marks/desk.ts';
import { AnnotationList } from './marks/list.tsx';
import { startMarks } from './marks.ts';
import { RaiseDanger } from './raise-danger.tsx';
import { Reading } from './reading.tsx';
import { useReadingLog } from './reading-record.ts';
import { keepSent } from './second-thoughts.tsx';
import { keepToRefer, ToRefer } from './to-refer.tsx';
import { kinds, VerdictForm } from './verdict-form.tsx';

interface Props {
  readonly caseId: string;
  /** Who looks: a supervisor may see a case that is in another's hand. */
  readonly person: string | undefined;
  /** The service says that nobody is signed in. */
  readonly onSessionLost: () => void;
}

/** One case in hand: the picture, what is known beside it, and the verdict. */
export function CasePage({ caseId, person, onSessionLost }: Props) {
  const { value, lost, decide, handBack } = useHeldCase(caseId, person);
  const { draft, change, forget } = useDraft(caseId);
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const [isHandingBack, askHandBack] = useState(false);
  const revision = value?.claim?.revision ?? value?.revision;
  const record = useRecord(value?.scanId, revision);
  const found = useFound(value?.scanId, revision);
  const [isShown, setShown] = useState(false);
  const log = useReadingLog();
  const reasons = useReasons();
  useEffect(startMarks, []);
  const tellShown = useCallback(() => {
    log.shown();
    setShown(true);
  }, [log]);
  const isHeld = value?.state === 'claimed' && value.claim?.analyst === person && lost === undefined;

  const looksAlong = value?.claim?.advice?.colleagues.some(({ by }) => by === person) === true;
  const desk = useAnnotations(caseId, revision, isHeld, looksAlong);

  const moving = async (move: () => Promise<void>) => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await move();
      forget();
      const next = await takeNext();
      goTo(next === undefined ? '/' : `/case/${next.id}`);
    } catch (error) {
      if (error instanceof Rejected && error.status === 401) onSessionLost();
      setTrouble(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const send = () => {
    const { kind, reason = usualReason(reasons, draft.kind), note, regions } = draft;
    if (!isHeld || !isShown || isBusy || kind === undefined || reason === undefined) return;
    const decision = {
      kind,
      reason,
      reading: log.read(),
      ...(note.trim() === '' ? {} : { note }),
      ...(regions.length === 0 ? {} : { regions: [...regions] }),
    };
    // the verdict carries what was drawn, so all of that is there first
    void moving(async () => {
      await desk.settle();
      const decided = await decide(decision);
      keepToRefer(decided);
      keepSent(decided, draft);
    });
  };
  const choose = (at: number) => () => {
    const kind = kinds[at];
    if (kind !== undefined) change({ kind, reason: undefined });
  };
  useKeys([
    ['1', choose(0)],
    ['2', choose(1)],
    ['3', choose(2)],
    ['4', choose(3)],
    ['Enter', send],
    ['n', () => (isHeld ? undefined : goTo('/'))],
    ['u', () => (looksAlong ? undefined : desk.undo())],
    [
      'Backspace',
      () =>
        looksAlong
          ? undefined
          : draft.regions.length === 0
            ? desk.removeLast()
            : change({ regions: draft.regions.slice(0, -1) }),
    ],
  ]);

  if (value === undefined)
    return (
      <main className="centre">
        <p className={lost === undefined ? 'quiet' : 'notice bad'}>
          {lost === undefined ? words('app.loading') : <TroubleWords said={lost} />}
        </p>
      </main>
    );
  return (
    <main className="case">
      <Reading
        caseId={caseId}
        scanId={value.scanId}
        revision={revision ?? 1}
        record={record}
        found={found}
        regions={draft.regions}
        {...{ desk, isHeld }}
        onShown={tellShown}
        log={log}
        foot={
          isHeld && value.claim !== undefined
            ? words('case.claim', { when: time(value.claim.until) })
            : undefined
        }
      />
      <aside className="beside">
        <Facts value={value} record={record} emptiness={found?.emptiness} />
        <div>
          {!isHeld && !looksAlong && <Trouble said={lost ?? words('case.claimLost')} isQuiet />}
          {(isHeld || looksAlong) && <RaiseDanger caseId={caseId} />}
          {isHeld && <AskAdvice caseId={caseId} />}
          <AnnotationList desk={desk} isOwn={!looksAlong} />
          <ToRefer />
          {looksAlong ? (
            <GiveAdvice caseId={caseId} />
          ) : (
            <VerdictForm
              caseId={caseId}
              draft={draft}
              drawn={desk.shown.length}
              change={change}
              isBusy={isBusy}
              isHeld={isHeld}
              isShown={isShown}
              trouble={trouble}
              onSend={send}
              onHandBack={() => askHandBack(true)}
            />
          )}
        </div>
      </aside>
      <WhyDialog
        title={isHandingBack ? words('case.handBack') : undefined}
        label={words('case.handBack.why')}
        onClose={() => askHandBack(false)}
        onSend={(why) =>
          void moving(async () => {
            await desk.settle();
            await handBack(why);
          })
        }
      />
    </main>
  );
}
