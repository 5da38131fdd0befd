import type { Command as Change } from '../../commands/command.ts';
import { ANY_SITE } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { siteName } from '../../core/keys.ts';
import type { Person } from '../../core/person/person.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { createPerson, linkPerson } from '../../features/persons/decide.ts';
import { atCommandLine } from '../../features/persons/keys.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  requiredText,
  textOf,
  type Values,
  WrongUse,
} from '../command.ts';
import { json, table } from '../text.ts';
import { withService } from './maintenance.ts';

const PAGE = 200;

export const persons: Command = {
  name: 'persons',
  summary: 'create, list and link the people who hold keys',
  operands: 'create | list | link ID',
  options: {
    administration: { type: 'string', help: '<NAME> administration that the people belong to' },
    name: { type: 'string', help: '<TEXT> name of the person' },
    site: {
      type: 'string',
      help: "<NAME> link: site whose administrators can change this person, or * for administrators of all sites (by default, from the person's keys and sign-ins)",
    },
    keys: { type: 'string', help: "<IDS> link: this person's keys, separated by commas" },
  },
  notes: [
    'A key created without --person belongs to an unlinked person, who cannot give second readings. Link the person',
    'when you know who holds the key. --keys merges the unlinked people who hold these keys into this person.',
    'Cases and reports contain only the id of a person. For conflicts of interest: POST /v1/conflicts or /v1/persons/ID/conflicts.',
  ],
  async run(context, values, operands) {
    const [action, id, ...rest] = operands;
    const administration = requiredText(values, 'administration');
    const takesId = action === 'link';
    if (action === undefined || !['create', 'list', 'link'].includes(action) || rest.length > 0)
      throw new WrongUse(invalidOperands(operands, ['create', 'list', 'link ID']));
    if (takesId !== (id !== undefined))
      throw new WrongUse(
        takesId
          ? 'Specify the ID of the person to link: to see all IDs, run nii persons list'
          : `Unexpected operand "${id}": ${action} takes no operands`,
      );
    return withService(context, async ({ deps }) => {
      if (action === 'list') return list(context, deps, administration, values);
      const command = { actor: atCommandLine(administration) };
      const name = requiredText(values, 'name');
      const person =
        id === undefined
          ? await createPerson(deps, command, name)
          : await linkPerson(deps, await ofThisVersion(deps, command, id), id, {
              name,
              keys: keysOf(values),
              ...defined({ site: siteOf(values) }),
            });
      return show(context, values, person);
    });
  },
};

function siteOf(values: Values): string | undefined {
  const site = textOf(values, 'site');
  if (site === undefined || site === ANY_SITE || siteName.test(site)) return site;
  throw new WrongUse(
    `Invalid --site "${site}": use lower-case letters, digits and hyphens, or * for all sites`,
  );
}

function keysOf(values: Values): readonly string[] {
  return (textOf(values, 'keys') ?? '').split(',').filter((key) => key !== '');
}

/** Whoever runs the service at the command line changes what is there now. */
async function ofThisVersion(
  { records }: { readonly records: Transactions<Tx<'person'>> },
  command: Pick<Change, 'actor'>,
  id: string,
): Promise<Change> {
  const found = await records.transaction((tx) => tx.person(command.actor.administration, id));
  return { ...command, ifMatch: String(found?.version ?? 0) };
}

function show({ terminal }: CliContext, values: Values, person: Person): number {
  const { id, name, status, keys } = person;
  const has = keys.length === 0 ? 'has no key yet' : `keys ${keys.join(', ')}`;
  terminal.out(values.json === true ? json(person) : `person ${id} (${name}) is ${status}, ${has}\n`);
  return exitCode.done;
}

async function list(
  { terminal }: CliContext,
  { records }: { readonly records: Transactions<Tx<'persons'>> },
  administration: string,
  values: Values,
): Promise<number> {
  const all: Person[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await records.transaction((tx) => tx.persons(administration, PAGE, cursor));
    all.push(...page.rows);
    cursor = page.next;
  }
  if (values.json === true) terminal.out(json(all));
  else {
    const rows = all.map(({ id, status, is, site, keys, conflicts, name }) => [
      id,
      is === undefined ? status : `is ${is}`,
      site ?? '-',
      keys.join(',') || '-',
      String(conflicts.filter(({ state }) => state === 'in-force').length),
      name,
    ]);
    terminal.out(table(['id', 'status', 'site', 'keys', 'conflicts', 'name'], rows));
  }
  return exitCode.done;
}
