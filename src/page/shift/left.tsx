import { useState } from 'react';
import { Button, Heading } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api, bodyOf, type Passage } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { Choice, TextArea } from '../shell/form.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { Sheet } from '../shell/sheet.tsx';
import { number, time, words } from '../words/words.ts';

const topics = ['passage', 'vehicle'] as const;

/** Those with something open against them first; of these, and of the others, the one that waits longest. */
async function ask(): Promise<readonly Passage[]> {
  const { items } = bodyOf(await api.GET('/v1/passages', { params: { query: { limit: 200 } } }));
  const rank = ({ facts }: Passage) => (facts === undefined ? 1 : 0);
  return items.toSorted((a, b) => rank(a) - rank(b) || b.ageSeconds - a.ageSeconds);
}

const outcomes = [
  'recalled',
  'handed-over',
  'searched',
  'not-found',
  'not-reached',
  'mistaken',
  'accepted',
] as const;
type Outcome = (typeof outcomes)[number];

/** Vehicles that passed without a valid instruction or with something open, until a supervisor settles them. */
export function VehiclesThatLeft() {
  const { value, problem, reload } = useQuery(ask, topics);
  const [chosen, choose] = useState<Passage>();
  const { problem: rejected, run } = useAction();
  const settle = async (passage: Passage, outcome: Outcome, why: string) => {
    await run(async () => {
      const params = { path: { passageId: passage.id } };
      await api.POST('/v1/passages/{passageId}/settle', { params, body: { outcome, why } });
    });
    await reload();
  };
  return (
    <section aria-label={words('left.title')}>
      <h2>{words('left.title')}</h2>
      {problem !== undefined && <ProblemNotice message={problem} isQuiet />}
      {rejected !== undefined && <ProblemNotice message={rejected} />}
      {value?.length === 0 && <p className="quiet">{words('room.nothing')}</p>}
      <ul className="plain">
        {value?.map((passage) => (
          <li key={passage.id}>
            <Row passage={passage} />
            <Button className="button" onPress={() => choose(passage)}>
              {words('left.settle')}
            </Button>
          </li>
        ))}
      </ul>
      {chosen !== undefined && (
        <Settle
          passage={chosen}
          onClose={() => choose(undefined)}
          onSettle={(outcome, why) => void settle(chosen, outcome, why)}
        />
      )}
    </section>
  );
}

function nameOf({ report }: Passage): string {
  const { containers = [], plates = [], visit } = report;
  const names = [...containers, ...plates];
  return names.length === 0 ? (visit ?? words('left.nameless')) : names.join(', ');
}

function Row({ passage }: { readonly passage: Passage }) {
  const { facts = [], reason, report, ageSeconds } = passage;
  return (
    <>
      <strong>{nameOf(passage)}</strong> {words('left.passed', { when: time(report.at) })}
      {reason !== undefined && <>: {words(`left.reason.${reason}`)}</>}{' '}
      {facts.length > 0 && <span className="late">{facts.map(({ text }) => text).join(', ')} </span>}
      <span className="quiet">{words('left.clock', { minutes: number(Math.floor(ageSeconds / 60)) })}</span>
    </>
  );
}

interface SettleProps {
  readonly passage: Passage;
  readonly onClose: () => void;
  readonly onSettle: (outcome: Outcome, why: string) => void;
}

function Settle({ passage, onClose, onSettle }: SettleProps) {
  const [outcome, setOutcome] = useState<Outcome>();
  const [why, setWhy] = useState('');
  return (
    <Sheet isOpen onClose={onClose}>
      <section className="verdict">
        <Heading slot="title">{words('left.settle.title', { vehicle: nameOf(passage) })}</Heading>
        <Choice
          label={words('left.outcome')}
          values={outcomes}
          value={outcome}
          textOf={(one) => words(`left.outcome.${one}`)}
          onChange={setOutcome}
        />
        <TextArea label={words('room.why')} value={why} onChange={setWhy} />
        <div className="row">
          <Button className="button" onPress={onClose}>
            {words('case.cancel')}
          </Button>
          <Button
            className="button main"
            isDisabled={outcome === undefined || why.trim() === ''}
            onPress={() => {
              if (outcome !== undefined) onSettle(outcome, why.trim());
              onClose();
            }}
          >
            {words('room.send')}
          </Button>
        </div>
      </section>
    </Sheet>
  );
}
