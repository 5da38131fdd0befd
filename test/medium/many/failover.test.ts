import { describe, expect, test } from 'vitest';
import { type FailoverReport, runIncidents } from '../../../lab/failover/run.ts';
import { postgresPrograms } from '../../../lab/failover/servers.ts';
import { hasNginx } from '../../support/nginx.ts';
import { leftOut } from '../../support/s3-server.ts';

/** The same as `npm run measure -- failover`, with fewer incidents, which are shorter. */
const incidents = ['failover', 'lost', 'reader answers', 'API killed', 'worker killed'];
const SECONDS = 2;
/** What tells a client to send again. A process that is killed in the middle of a request tells nginx nothing. */
const MAY_PASS = /^\w+ (503 NII_(DATABASE_UNREACHABLE|STORE_UNREACHABLE|BUSY)|50[24])$/;

const missing = [...(postgresPrograms() === undefined ? ['postgres'] : []), ...(hasNginx ? [] : ['nginx'])];

if (missing.length > 0)
  leftOut(
    'many processes while servers, lines and processes fail',
    `scripts/debian-parts.sh ${missing.join(' ')}`,
  );
else
  describe('two APIs, two workers and two PostgreSQL servers under load', () => {
    test(`come back from each of: ${incidents.join(', ')}; nothing acknowledged is lost or doubled`, async () => {
      const report = await runIncidents({ incidents, seconds: SECONDS, tell: () => {} });
      console.log(inShort(report));
      expect(report.faults).toEqual([]);
      expect(report.incidents.map(({ incident }) => incident)).toEqual(incidents);
      expect(report.uploads).toBeGreaterThan(incidents.length);
      expect(report.verdicts).toBeGreaterThan(incidents.length);
      for (const one of report.incidents) {
        for (const error of Object.keys(one.errors)) expect(error, one.incident).toMatch(MAY_PASS);
      }
    }, 600_000);
  });

function inShort({ incidents: seen, requests, uploads, verdicts }: FailoverReport): string {
  const lines = seen.map(
    ({ incident, errors, uploadSeconds, analysedSeconds, verdictSeconds }) =>
      `${incident}: upload ${uploadSeconds} s, analysed ${analysedSeconds} s, verdict ${verdictSeconds} s; ${JSON.stringify(errors)}`,
  );
  return [...lines, `${requests} requests, ${uploads} uploads, ${verdicts} verdicts`].join('\n');
}
