import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api, bodyOf, type DangerOfCase } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { ReasonDialog } from '../shell/reason-dialog.tsx';
import { time, words } from '../words/words.ts';

const about = ['danger'] as const;
const ask = async () => bodyOf(await api.GET('/v1/dangers')).items;

/** Persons in danger, on every page of those who see to them, until one says who does. */
export function Dangers() {
  const { value: dangers = [], reload } = useQuery(ask, about);
  const [chosen, choose] = useState<DangerOfCase>();
  const { problem, run } = useAction();
  const acknowledge = async ({ caseId }: DangerOfCase, why: string) => {
    await run(async () => {
      const params = { path: { caseId } };
      await api.POST('/v1/cases/{caseId}/danger-acknowledgement', { params, body: { why } });
    });
    await reload();
  };
  return (
    <>
      {dangers.map((danger) => (
        <section key={danger.caseId} className="notice bad row" role="alert">
          <strong>{words('danger.title', { container: nameOf(danger) })}</strong>
          {danger.note !== undefined && <span>{danger.note}</span>}
          <span className="quiet">
            {words(danger.escalatedAt === undefined ? 'danger.since' : 'danger.overdue', {
              when: time(danger.at),
            })}
          </span>
          <Button className="button" onPress={() => choose(danger)}>
            {words('danger.acknowledge')}
          </Button>
        </section>
      ))}
      {problem !== undefined && <ProblemNotice message={problem} />}
      <ReasonDialog
        title={chosen && words('danger.acknowledge.title', { container: nameOf(chosen) })}
        label={words('danger.acknowledge.why')}
        onClose={() => choose(undefined)}
        onSend={(why) => chosen !== undefined && void acknowledge(chosen, why)}
      />
    </>
  );
}

function nameOf({ container }: DangerOfCase): string {
  return container ?? words('case.noContainer');
}
