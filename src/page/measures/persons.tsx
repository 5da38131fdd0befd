import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, bodyOf, type PersonFigure, type Policy, type Session } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { askPersons } from '../shift/queries.ts';
import { number, words } from '../words/words.ts';
import type { MeasureQuery } from './state.ts';

const askPolicy = async (): Promise<Policy> => bodyOf(await api.GET('/v1/policy'));

interface Props {
  readonly query: MeasureQuery;
  readonly roles: Session['roles'];
}

/** Figures of single persons: there only where the policy says for what, and to the roles that it names. */
export function PersonFigures({ query, roles }: Props) {
  const { value } = useQuery(askPolicy);
  const [isOpen, open] = useState(false);
  const figures = value?.terms.personFigures;
  if (figures === undefined || !figures.roles.some((one) => roles.includes(one))) return null;
  const { purpose, days } = figures;
  return (
    <section aria-label={words('persons.title')}>
      <header>
        <h2>{words('persons.title')}</h2>
        <a
          className="button"
          href={`/v1/measures/persons?${new URLSearchParams({ ...query, format: 'csv' })}`}
          download="persons.csv"
        >
          {words('persons.csv')}
        </a>
      </header>
      <p>{words('persons.purpose', { purpose, days })}</p>
      {isOpen ? (
        <Table query={query} />
      ) : (
        <Button className="button" onPress={() => open(true)}>
          {words('persons.show')}
        </Button>
      )}
    </section>
  );
}

function textOfRow(row: PersonFigure | undefined): string {
  if (row === undefined || row.value === null) return words('measures.unknown');
  return row.unit === 'share' ? `${number(row.value * 100, 1)} %` : number(row.value);
}

/** Asked for when it is opened, and not before: each view is in the audit, with the persons. */
function Table({ query }: Pick<Props, 'query'>) {
  const ask = useCallback(async () => {
    const body = bodyOf(await api.GET('/v1/measures/persons', { params: { query } }));
    const rows = typeof body === 'string' ? [] : body.rows;
    const names = new Map((await askPersons()).map(({ id, name }) => [id, name]));
    return { rows, names };
  }, [query]);
  const { value, problem } = useQuery(ask);
  if (problem !== undefined) return <ProblemNotice message={problem} isQuiet />;
  if (value === undefined) return <p className="quiet">{words('app.loading')}</p>;
  const { rows, names } = value;
  const persons = [...new Set(rows.map(({ person }) => person))];
  const textOf = (person: string, figure: PersonFigure['figure']) =>
    textOfRow(rows.find((one) => one.person === person && one.figure === figure));
  if (persons.length === 0) return <p>{words('measures.empty')}</p>;
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{words('persons.person')}</th>
          <th scope="col">{words('persons.decisions')}</th>
          <th scope="col">{words('persons.suspect')}</th>
          <th scope="col">{words('persons.agreement')}</th>
        </tr>
      </thead>
      <tbody>
        {persons.map((person) => (
          <tr key={person}>
            <th scope="row">{names.get(person) ?? person}</th>
            <td>{textOf(person, 'decisions')}</td>
            <td>{textOf(person, 'suspect-rate')}</td>
            <td>{textOf(person, 'agreement')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
