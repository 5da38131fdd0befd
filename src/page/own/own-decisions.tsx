import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, bodyOf, type OwnDecision, queryErrorText } from '../api/client.ts';
import { reasonInWords, useReasons } from '../reasons/reasons.ts';
import { PageLink } from '../shell/page-link.tsx';
import { ListPage } from '../shell/pages.tsx';
import { time, words } from '../words/words.ts';

const PAGE = 50;

/** The decisions of a reader and their results, for their own learning; nobody else sees the list. */
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
    <ListPage
      title={words('own.title')}
      lead={<p className="quiet">{words('own.lead')}</p>}
      items={items}
      problem={problem}
      none={words('own.none')}
      keyOf={({ caseId }) => caseId}
      row={(one) => <DecisionLink one={one} />}
    >
      {next !== undefined && (
        <Button className="button" onPress={() => void ask(next)}>
          {words('own.more')}
        </Button>
      )}
    </ListPage>
  );
}

function DecisionLink({ one }: { readonly one: OwnDecision }) {
  const { caseId, container, decidedAt, verdict, became, canBeOpened } = one;
  const reasons = useReasons();
  const content = (
    <>
      <strong>{container ?? words('case.noContainer')}</strong>
      <span className="quiet">{words('own.when', { when: time(decidedAt) })}</span>
      <span>
        {words(`verdict.${verdict.kind}`)}: {reasonInWords(reasons, verdict.reason)}
      </span>
      <span>{words(`own.became.${became}`)}</span>
    </>
  );
  if (!canBeOpened) return <div className="row-of-list">{content}</div>;
  return <PageLink to={`/decided/${caseId}`}>{content}</PageLink>;
}
