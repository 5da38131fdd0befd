import { initialSchema } from './0001-initial.ts';
import { radiationHolds } from './0002-radiation.ts';
import { dicomwebIndex } from './0003-dicomweb.ts';
import { scannerHealth } from './0004-scanners.ts';
import { resumableUploads } from './0005-resumable.ts';
import { uploadAcceptances } from './0006-acceptances.ts';
import { tenants } from './0007-tenants.ts';
import { objectFacts } from './0008-objects.ts';
import { auditSeals } from './0009-audit-seals.ts';
import { persons } from './0010-persons.ts';
import { rules } from './0011-rules.ts';
import { occupancies } from './0012-occupancies.ts';
import { workLists } from './0013-lists.ts';
import { visits } from './0014-visits.ts';
import { passages } from './0015-passages.ts';
import { alarmDue } from './0016-alarm-due.ts';
import { recordFacts } from './0017-record.ts';
import { reportReferences } from './0018-report-references.ts';
import { sessions } from './0019-sessions.ts';
import { documents } from './0045-documents.ts';
import { annotations } from './cases/0020-annotations.ts';
import { comparisons } from './cases/0021-comparisons.ts';
import { measures } from './cases/0022-measures.ts';
import { secondThoughts } from './cases/0024-second-thoughts.ts';
import { dangers } from './cases/0025-dangers.ts';
import { advice } from './cases/0026-advice.ts';
import { waiting } from './cases/0027-waiting.ts';
import { photographs } from './cases/0028-photographs.ts';
import { ownDecisions } from './cases/0029-own-decisions.ts';
import { cab } from './cases/0034-cab.ts';
import { models } from './models/0037-models.ts';
import { order } from './speed/0033-order.ts';
import { wildcards } from './speed/0035-wildcards.ts';
import { rare } from './speed/0036-rare.ts';
import { counts } from './speed/0038-counts.ts';
import { scannerDays } from './speed/0039-scanner-days.ts';
import { opened } from './speed/0040-opened.ts';
import { figures } from './speed/0041-figures.ts';
import { stateCounts } from './speed/0042-state-counts.ts';
import { purposes } from './speed/0043-purposes.ts';
import { seconds } from './speed/0044-seconds.ts';

/** Forward only, in order. */
const byName = {
  initialSchema,
  radiationHolds,
  dicomwebIndex,
  scannerHealth,
  resumableUploads,
  uploadAcceptances,
  tenants,
  objectFacts,
  auditSeals,
  persons,
  workLists,
  rules,
  occupancies,
  visits,
  passages,
  alarmDue,
  recordFacts,
  reportReferences,
  sessions,
  annotations,
  secondThoughts,
  dangers,
  comparisons,
  measures,
  advice,
  waiting,
  photographs,
  ownDecisions,
  order,
  cab,
  wildcards,
  rare,
  models,
  counts,
  scannerDays,
  opened,
  figures,
  stateCounts,
  purposes,
  seconds,
  documents,
};

/** The schema version is the number of those that have run. */
export const migrations: readonly string[] = Object.values(byName);
export const migrationNames: readonly string[] = Object.keys(byName);
