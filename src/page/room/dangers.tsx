import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAsked } from '../api/asked.ts';
import { api, bodyOf, type DangerOfCase, rejectionOf } from '../api/client.ts';
import { Trouble } from '../shell/trouble.tsx';
import { WhyDialog } from '../shell/why-dialog.tsx';
import { time, words } from '../words/words.ts';

const about = ['danger'] as const;
const ask = async () => bodyOf(await api.GET('/v1/dangers')).items;

/** Persons in danger, on every page of those who see to them, until one says who does. */
export function Dangers() {
  const { value: dangers = [], again } = useAsked(ask, about);
  const [chosen, choose] = useState<DangerOfCase>();
  const [trouble, setTrouble] = useState<string>();
  const acknowledge = async ({ caseId }: DangerOfCase, why: string) => {
    setTrouble(undefined);
    try {
      const params = { path: { caseId } };
      await api.POST('/v1/cases/{caseId}/danger-acknowledgement', { params, body: { why } });
    } catch (error) {
      setTrouble(rejectionOf(error));
    }
    await again();
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
      {trouble !== undefined && <Trouble said={trouble} />}
      <WhyDialog
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
