import { type Command, exitCode, type SchemaReport } from '../command.ts';
import { json } from '../text.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'update the database to the schema of this version',
  options: {},
  notes: [
    'Connects by NII_DATABASE_OWNER_URL, or without it by NII_DATABASE_URL. With both, the role in NII_DATABASE_URL may',
    'use the database and cannot change the audit; the service then needs no other role. Stop services of an older',
    'version first. Each start migrates the embedded database.',
  ],
  async run({ migrate: bringUpToDate, terminal }, values) {
    const report = await bringUpToDate();
    terminal.out(values.json === true ? json(report) : `${textOf(report)}\n`);
    if (report.role?.mayRewriteAudit === true)
      terminal.err(
        `warning: the role "${report.role.name}" can change the audit: it owns the database, is a member of the owner, or can create roles. Use another role in NII_DATABASE_URL\n`,
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
