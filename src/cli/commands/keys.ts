import {
  type AccessKey,
  ANY_SITE,
  daysLeft,
  defaultKeyEnd,
  isRoleOfPeople,
  isUsable,
  KEY_DAYS,
  type Role,
  roles,
} from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { siteName } from '../../core/keys.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { TimedRecords } from '../../core/ports/stores.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import {
  type IssueKeyDeps,
  issueKey,
  listKeys,
  type NewKey,
  revokeKey,
} from '../../features/persons/keys.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  oneOf,
  requiredText,
  textOf,
  type Values,
  WrongUse,
} from '../command.ts';
import { json, table } from '../text.ts';

export const keys: Command = {
  name: 'keys',
  summary: 'create, list and revoke API keys',
  operands: 'create | list | revoke ID',
  options: {
    role: { type: 'string', help: `<ROLES> separated by commas: ${roles.join(', ')}` },
    administration: { type: 'string', help: '<NAME> lower-case letters, digits and hyphens' },
    site: { type: 'string', help: '<NAME> one site of the administration, or * for all' },
    name: { type: 'string', help: '<TEXT> name of the holder' },
    person: {
      type: 'string',
      help: '<ID> person who holds the key (nii persons list); by default a new unlinked person',
    },
    until: {
      type: 'string',
      help: `<TIME> expiry, such as 2027-01-31T00:00:00Z, or never (${KEY_DAYS} days from now)`,
    },
    sender: {
      type: 'string',
      help: '<NAME> keys with the same sender see and extend each other’s scans; for a replacement key, use the id of the old one',
    },
  },
  notes: [
    'create prints the token once; only its hash is stored. A revoked key stops working within five seconds.',
    'Second readings and conflicts of interest are tied to the person. Unlinked people cannot give second readings.',
    'You can use this command while the service runs.',
  ],
  async run(context, values, operands) {
    const [action, ...rest] = operands;
    if (action === undefined || !['create', 'list', 'revoke'].includes(action) || rest.length > 1)
      throw new WrongUse(invalidOperands(operands, ['create', 'list', 'revoke ID']));
    if (action !== 'revoke' && rest.length > 0)
      throw new WrongUse(`Unexpected operand "${rest.join(' ')}": ${action} takes no operands`);
    if (action === 'create') checkWanted(values);
    const id = rest[0];
    if (action === 'revoke' && id === undefined)
      throw new WrongUse('Missing ID of the key to revoke: nii keys list shows all');
    const service = await context.open();
    try {
      if (action === 'create') await create(context, service.deps, values);
      else if (id === undefined) await list(context, service.deps, values);
      else await revoke(context, service.deps, values, id);
      return exitCode.done;
    } finally {
      await service.close();
    }
  },
};

function checkWanted(values: Values): NewKey {
  return {
    roles: rolesOf(values),
    administration: nameOf(values, 'administration'),
    site: nameOf(values, 'site'),
    name: requiredText(values, 'name'),
    ...defined({
      sender: textOf(values, 'sender'),
      person: textOf(values, 'person'),
      endsAt: untilOf(values),
    }),
  };
}

function rolesOf(values: Values): readonly Role[] {
  const text = requiredText(values, 'role');
  const found = text.split(',').map((role) => oneOf(role.trim(), roles, 'role'));
  const ofPeople = found.filter(isRoleOfPeople).length;
  if (ofPeople === 0 || ofPeople === found.length) return found;
  throw new WrongUse(
    `Invalid --role "${text}": use roles for people or roles for machines, not both in one key`,
  );
}

function untilOf(values: Values): string | undefined {
  const text = textOf(values, 'until');
  if (text === undefined) return defaultKeyEnd(new Date());
  if (text === 'never') return undefined;
  if (Date.parse(text) > Date.now()) return text;
  throw new WrongUse(
    `Invalid --until "${text}": use a time in the future, such as 2027-01-31T00:00:00Z, or never`,
  );
}

/** A name that can stand in an address, or `*` for every site. */
function nameOf(values: Values, option: 'administration' | 'site'): string {
  const name = requiredText(values, option);
  if (siteName.test(name) || (option === 'site' && name === ANY_SITE)) return name;
  const all = option === 'site' ? ', or * for all sites' : '';
  throw new WrongUse(`Invalid --${option} "${name}": use lower-case letters, digits and hyphens${all}`);
}

async function create({ terminal }: CliContext, deps: IssueKeyDeps, values: Values): Promise<void> {
  const { key, person, token } = await issueKey(deps, checkWanted(values));
  if (values.json === true) return terminal.out(json({ ...shown(key), token }));
  const forWhat = `${key.roles.join(', ')} of ${key.administration}, site ${key.site}`;
  terminal.out(`key ${key.keyId} for ${forWhat} (${key.name})\n`);
  terminal.out(`${token}\n`);
  if (person?.status === 'unlinked')
    terminal.err(
      `It belongs to the unlinked person ${person.id}, who cannot give second readings: use nii persons link\n`,
    );
  terminal.err(
    `${key.endsAt === undefined ? 'It never expires' : `It expires at ${key.endsAt}`}. This is the only time that the token is shown.\n`,
  );
}

async function list(
  { terminal }: CliContext,
  deps: { readonly records: Transactions<Tx<'keys'>> },
  values: Values,
): Promise<void> {
  const all = (await listKeys(deps)).map(shown);
  if (values.json === true) return terminal.out(json(all));
  const rows = all.map((key) => [
    key.keyId,
    key.roles.join(','),
    key.person ?? '-',
    key.administration,
    key.site,
    key.createdAt,
    key.endsAt ?? 'never',
    leftOf(key),
    key.revokedAt ?? '-',
    key.name,
  ]);
  terminal.out(
    table(
      ['id', 'roles', 'person', 'administration', 'site', 'created', 'ends', 'left', 'revoked', 'name'],
      rows,
    ),
  );
}

/** The time for which a key is still valid, as it is listed. */
function leftOf(key: Omit<AccessKey, 'secretSha256'>): string {
  const now = new Date();
  if (!isUsable(key, now)) return 'ended';
  const days = daysLeft(key, now);
  return days === undefined ? '-' : `${days} days`;
}

async function revoke(
  { terminal }: CliContext,
  deps: TimedRecords<Tx<'audit' | 'key' | 'putKey'>>,
  values: Values,
  id: string,
): Promise<void> {
  const key = shown(await revokeKey(deps, id));
  terminal.out(values.json === true ? json(key) : `key ${key.keyId} was revoked at ${key.revokedAt}\n`);
}

/** All but the hash of the secret. */
function shown({ secretSha256: _, ...key }: AccessKey) {
  return key;
}
