import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, bodyOf, type OwnDecision, queryErrorText } from '../api/client.ts';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { time, words } from '../words/words.ts';

const PAGE = 50;

/** What a reader decided, and what became of it: she learns from it, and nobody else sees the list. */
export function OwnDecisions() {
  const [items, setItems] = useState<readonly OwnDecision[]>();
  const [next, setNext] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const ask = async (cursor?: string) => {
    setProblem(undefined);
    try {
      const query = cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor };
      const page = bodyOf(await api.GET('/v1/own-decisions', { params: { query } }));
      setItems((before = []) => (cursor === undefined ? page.items : [...before, ...page.items]));
      setNext(page.next);
    } catch (error) {
      setProblem(queryErrorText(error));
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => void ask(), []);
  return (
    <main className="list">
      <h1>{words('own.title')}</h1>
      <p className="quiet">{words('own.lead')}</p>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      {items === undefined && problem === undefined && <p className="quiet">{words('app.loading')}</p>}
      {items?.length === 0 && <p className="quiet">{words('own.none')}</p>}
      <ul className="rows">
        {items?.map((one) => (
          <li key={one.caseId}>
            <Row one={one} />
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <Button className="button" onPress={() => void ask(next)}>
          {words('own.more')}
        </Button>
      )}
    </main>
  );
}

function Row({ one }: { readonly one: OwnDecision }) {
  const { caseId, container, decidedAt, verdict, became, canBeOpened } = one;
  const reasons = useReasons();
  const address = `/decided/${caseId}`;
  const said = (
    <>
      <strong>{container ?? words('case.noContainer')}</strong>
      <span className="quiet">{words('own.when', { when: time(decidedAt) })}</span>
      <span>
        {words(`verdict.${verdict.kind}`)}: {reasonInWords(reasons, verdict.reason)}
      </span>
      <span>{words(`own.became.${became}`)}</span>
    </>
  );
  if (!canBeOpened) return <div className="row-of-list">{said}</div>;
  return (
    <a
      href={address}
      onClick={(event) => {
        event.preventDefault();
        goTo(address);
      }}
    >
      {said}
    </a>
  );
}
