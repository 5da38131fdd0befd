import { type Actor, isReader, type Role } from '../core/access.ts';
import type { InstanceFilter } from '../core/ports/records/instances.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { ObjectWhat, ReportOrigin } from '../core/rows/object-what.ts';

/** What of a record a role may see beyond the address itself. */

/**
 * Which reports a role may see. Whoever sends scans or runs the lane follows their state; what models say of them is
 * not theirs. An analyst may be asked for an opinion that is blind to the first one, so what analysts decided is not
 * readable for analysts beside the case; nor is it for those who work beside them, while somebody may still read.
 */
const reportsFor: Readonly<Record<Role, InstanceFilter['reports']>> = {
  scanner: 'none',
  lane: 'none',
  analyst: 'machine',
  supervisor: 'blind',
  searcher: 'blind',
  auditor: 'all',
  'data-scientist': 'all',
  peer: 'all',
  administrator: 'all',
  'radiation-officer': 'all',
};

export function maySeeFindings(role: Role): boolean {
  return reportsFor[role] !== 'none';
}

export function maySeeFile(role: Role, what: ObjectWhat): boolean {
  return what.kind !== 'tdr' || maySeeReport(role, what.origin);
}

function maySeeReport(role: Role, origin: ReportOrigin): boolean {
  switch (reportsFor[role]) {
    case 'none':
      return false;
    case 'machine':
      // Reports that came with the scan hold nothing that the record does not show
      return origin.kind !== 'case';
    case 'blind':
    case 'all':
      return true;
  }
}

/** The same for instances: which reports a search or retrieval may show. */
export function reportsShown(actor: Pick<Actor, 'role' | 'person'>): InstanceFilter['reports'] {
  const shown = reportsFor[actor.role];
  return shown === 'all' && isReader(actor) ? 'blind' : shown;
}

/** Last part of the key. */
export function nameOf({ key }: Pick<ObjectRow, 'key'>): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
