import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api, bodyOf, type Proposal, type Session } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { ListPage } from '../shell/pages.tsx';
import { ProblemNotice } from '../shell/problem.tsx';
import { useNames } from '../shift/names.ts';
import { time, words, wordsOr } from '../words/words.ts';

const about = ['policy', 'site', 'scanner', 'model', 'vehicle-hold', 'set-aside', 'scan-marks'] as const;
const ask = async () => bodyOf(await api.GET('/v1/proposals', {})).items;

async function sendConfirmation({ confirmation, version }: Proposal): Promise<void> {
  // Each kind is confirmed at an address of its own, which the service names, with the same request.
  const address = confirmation as '/v1/policy/confirmation';
  await api.POST(address, { params: { header: { 'if-match': `"${version}"` } }, body: {} });
}

/** What one person has proposed and another confirms. */
export function Proposals({ session }: { readonly session: Session }) {
  const { value, problem, reload } = useQuery(ask, about);
  const { problem: rejected, isBusy, run } = useAction();
  const nameOf = useNames(session);
  const confirm = (proposal: Proposal) =>
    run(async () => {
      await sendConfirmation(proposal);
      await reload();
    }, reload);
  return (
    <ListPage
      title={words('proposal.title')}
      lead={<p className="quiet">{words('proposal.lead')}</p>}
      items={value}
      problem={problem}
      none={words('proposal.none')}
      keyOf={({ confirmation }) => confirmation}
      row={(proposal) => (
        <section className="row-of-list" aria-label={titleOf(proposal)}>
          <strong>{titleOf(proposal)}</strong>
          <span className="quiet">
            {words('proposal.by', { name: nameOf(proposal.by), when: time(proposal.at) })}
          </span>
          <Changes changes={proposal.changes} />
          {proposal.isCut && <span className="quiet">{words('proposal.isCut')}</span>}
          {!proposal.mayConfirm && <span className="quiet">{words('proposal.notYours')}</span>}
          {proposal.mayConfirm && !proposal.isCut && (
            <Button className="button main" isDisabled={isBusy} onPress={() => void confirm(proposal)}>
              {words('proposal.confirm')}
            </Button>
          )}
        </section>
      )}
    >
      {rejected !== undefined && <ProblemNotice message={rejected} />}
    </ListPage>
  );
}

function titleOf({ kind, site = '', subject = '' }: Proposal): string {
  return words(`proposal.of.${kind}`, { site, subject });
}

function Changes({ changes }: Pick<Proposal, 'changes'>) {
  return (
    <ul>
      {changes.map(({ field, before, after }) => (
        <li key={[field, before, after].join(' ')}>
          {words('proposal.change', {
            field: fieldInWords(field),
            before: valueInWords(before),
            after: valueInWords(after),
          })}
        </li>
      ))}
    </ul>
  );
}

/** As `windows.0.beforeSeconds` is "windows 1: before seconds"; the service names fields in English. */
function fieldInWords(field: string): string {
  const parts = field.split('.').map((part) => {
    const spaced = part.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    return /^\d+$/.test(part) ? String(Number(part) + 1) : spaced;
  });
  return wordsOr(`proposal.field.${field}`, parts.join(' '));
}

function valueInWords(value: string | undefined): string {
  if (value === undefined) return words('proposal.notSet');
  if (value === 'true') return words('proposal.yes');
  if (value === 'false') return words('proposal.no');
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? time(value) : value;
}
