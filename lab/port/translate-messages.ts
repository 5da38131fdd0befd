/** A genuine message that the service took, and what is known of it from now on. */

import { isObject, listAt } from '../http-fuzz/json.ts';
import type { Event, Named } from './history.ts';
import type { MessageFile, PortalFile, ScanFile } from './messages.ts';
import type { Answer } from './port.ts';
import type { Taken } from './taken.ts';

function scanIdIn({ json }: Answer): string | undefined {
  const [first] = listAt(json, 'scans');
  return isObject(first) && typeof first.scanId === 'string' ? first.scanId : undefined;
}

/** What is in a scan that nobody can read names nothing. */
function named(file: MessageFile, visit: string | null): Named {
  const isBroken = file.kind === 'scan' && !file.readable;
  const inFile = isBroken ? { containers: [], plates: [] } : file.named;
  return visit === null || visit === '' ? inFile : { ...inFile, visit };
}

export function messageEvents({ world, request, answer, query, base }: Taken): readonly Event[] {
  const { file } = request;
  const scanId = scanIdIn(answer);
  if (file === undefined || scanId === undefined) return [];
  const purpose = (query.get('purpose') ?? 'operational') === 'operational' ? 'operational' : 'training';
  const lane = query.get('lane') ?? undefined;
  world.sent.push({ file, scanId, ...(lane === undefined ? {} : { lane }) });
  if (file.kind === 'scan' && purpose === 'operational') world.scans.add(scanId);
  if (file.kind === 'portal') world.records.set(scanId, file.record);
  const { at, accepted } = base;
  const common = {
    at,
    accepted,
    purpose,
    named: named(file, query.get('visit')),
    ...(lane && { lane }),
  } as const;
  return [file.kind === 'scan' ? scanEvent(file, scanId, common) : portalEvent(file, common)];
}

type Common = Pick<Extract<Event, { kind: 'scan-sent' }>, 'at' | 'accepted' | 'purpose' | 'named' | 'lane'>;

const scanEvent = ({ of, readable, units, madeAt }: ScanFile, scan: string, common: Common): Event => ({
  ...common,
  kind: 'scan-sent',
  scan,
  of,
  readable,
  complete: true,
  units,
  madeAt,
});

const portalEvent = ({ record, of, alarms, measured, passedAt }: PortalFile, common: Common): Event => ({
  ...common,
  kind: 'portal-sent',
  record,
  ...(of === undefined ? {} : { of }),
  alarms,
  measured,
  passedAt,
});
