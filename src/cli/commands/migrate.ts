import { type Command, exitCode, type SchemaReport } from '../command.ts';
import { json } from '../text.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'update the database schema to this version',
  options: {},
  notes: [
    'Connects with NII_DATABASE_OWNER_URL if it is set, otherwise with NII_DATABASE_URL. If both are set, the role in',
    'NII_DATABASE_URL can use the database but cannot change the audit log, and the service needs no other role. Stop services',
    'of an older version first. The embedded database is migrated at every startup.',
  ],
  async run({ migrate: bringUpToDate, terminal }, values) {
    const report = await bringUpToDate();
    terminal.out(values.json === true ? json(report) : `${textOf(report)}\n`);
    if (report.role?.mayRewriteAudit === true)
      terminal.err(
        `warning: the role "${report.role.name}" can change the audit log: it owns the database, is a member of the owner role, or can create roles. Use another role in NII_DATABASE_URL\n`,
      );
    return exitCode.done;
  },
};

function textOf({ schema, ran, role }: SchemaReport): string {
  const what =
    ran.length === 0
      ? `The database is at ${schema}; no migration was needed`
      : `The database is at ${schema}; migrations that ran: ${ran.join(', ')}`;
  return role === undefined ? what : `${what}\nServices use it as the role ${role.name}`;
}
