import Type from 'typebox';
import { ANY_SITE } from '../core/access.ts';
import { StoredAnnotation } from '../core/case/annotation.ts';
import { Declaration } from '../core/case/declaration.ts';
import { LanePassage, marksOfPassage } from '../core/case/lane-passage.ts';
import { StoredPhotograph } from '../core/case/photograph.ts';
import { type DocumentPath, documentKind, listedDocumentKind } from '../core/documents.ts';
import { Person } from '../core/person/person.ts';
import { nameOf, StoredCheckIn } from '../core/rules/check-in.ts';
import { StoredModelChoice } from '../core/rules/model-choice.ts';
import { StoredPolicy } from '../core/rules/policy.ts';
import { StoredScanMarks } from '../core/rules/scan-marks.ts';
import { StoredServiceHold } from '../core/rules/service-hold.ts';
import { StoredSetAside } from '../core/rules/set-aside.ts';
import { StoredSite } from '../core/rules/site.ts';
import { StoredVehicleHold } from '../core/rules/vehicle-hold.ts';
import { Acknowledgement } from '../core/scanner/acknowledgement.ts';
import { EarlierRegister, StoredRegister } from '../core/scanner/register.ts';
import { StoredDecisions } from '../core/scanner/station.ts';
import { sha256Hex } from './identity.ts';

/** The kinds of documents, one entry each (docs/decisions/0057-documents.md). */

/* ---- In the table of documents ---------------------------------------------------------------------------- */

/** What an administration decides about its queue and its lanes. */
export const policyDocument = listedDocumentKind({
  kind: 'policy',
  schema: StoredPolicy,
  pathOf: ({ administration }) => [administration],
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ state, at }) => ({ state, at }),
});

/** What is decided for one site. */
export const siteDocument = listedDocumentKind({
  kind: 'site',
  schema: StoredSite,
  pathOf: ({ administration, site }) => [administration, site],
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ site, state, at }) => ({ site, state, at }),
});

/** What an administration chooses of one model. */
export const modelChoiceDocument = listedDocumentKind({
  kind: 'model-choice',
  schema: StoredModelChoice,
  pathOf: ({ administration, model }) => [administration, model],
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ state, at }) => ({ state, at }),
});

/** What an administrator states about a scanner. What is in force is in the table of scanners, too. */
export const registerDocument = listedDocumentKind({
  kind: 'register',
  schema: StoredRegister,
  pathOf: ({ administration, site, id }) => [administration, site, id],
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ site, state, at }) => ({ site, state, at }),
});

/** What a reader draws on the image of a case; a removal is a version. */
export const annotationDocument = listedDocumentKind({
  kind: 'annotation',
  schema: StoredAnnotation,
  pathOf: ({ administration, site, caseId, id }) => [administration, site, caseId, id],
  versionOf: ({ version }) => version,
  keeps: 'the newest version',
  rowOf: ({ site, caseId, madeAt }) => ({ site, subject: caseId, at: madeAt }),
});

/** What a searcher photographs; a removal is a version. */
export const photographDocument = listedDocumentKind({
  kind: 'photograph',
  schema: StoredPhotograph,
  pathOf: ({ administration, site, caseId, id }) => [administration, site, caseId, id],
  versionOf: ({ version }) => version,
  keeps: 'the newest version',
  rowOf: ({ site, caseId, addedAt }) => ({ site, subject: caseId, at: addedAt }),
});

/** A vehicle that passed a lane: version 1 as it was reported, then one for each change. Its id names its site, too. */
export const passageDocument = listedDocumentKind({
  kind: 'passage',
  schema: LanePassage,
  pathOf: ({ administration, id }) => [administration, id],
  versionOf: ({ version, settled }) => version ?? (settled === undefined ? 1 : 2),
  keeps: 'the newest version',
  rowOf: ({ site, state, report }) => ({ site, state, at: report.at, marks: marksOfPassage(report) }),
});

/** A vehicle that people hold by hand. */
export const vehicleHoldDocument = listedDocumentKind({
  kind: 'vehicle-hold',
  schema: StoredVehicleHold,
  pathOf: vehicleHoldPath,
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ administration, site, state, at }) => ({
    site,
    subject: JSON.stringify([administration, site]),
    state,
    at,
  }),
});

/** A visit id may have any letters. */
export function vehicleHoldPath({
  administration,
  site,
  mark,
}: Pick<StoredVehicleHold, 'administration' | 'site' | 'mark'>): DocumentPath {
  return [administration, site, sha256Hex(JSON.stringify([mark.kind, mark.value]))];
}

/** What the service itself holds, and how each site ends it. */
export const serviceHoldDocument = listedDocumentKind({
  kind: 'service-hold',
  schema: StoredServiceHold,
  pathOf: serviceHoldPath,
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ administration, site, state, at }) => ({
    site,
    subject: JSON.stringify([administration]),
    state,
    at,
  }),
});

/** No site has the name of the opening. */
export function serviceHoldPath({
  administration,
  site,
  id,
}: Pick<StoredServiceHold, 'administration' | 'site' | 'id'>): DocumentPath {
  return [administration, site === ANY_SITE ? '_all' : site, id];
}

/** A scan that nobody can read, and that two persons set aside. */
export const setAsideDocument = listedDocumentKind({
  kind: 'set-aside',
  schema: StoredSetAside,
  pathOf: ({ administration, scanId }) => [administration, scanId],
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ site, state, at }) => ({ site, state, at }),
});

/** What people decide that a scan is known by. */
export const scanMarksDocument = listedDocumentKind({
  kind: 'scan-marks',
  schema: StoredScanMarks,
  pathOf: ({ administration, scanId }) => [administration, scanId],
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ site, state, at, before, terms }) => ({
    site,
    state,
    at,
    marks: [...new Set([...before, ...terms.marks].map(nameOf))],
  }),
});

/** An expected vehicle. Its id names its site, too. */
export const checkInDocument = listedDocumentKind({
  kind: 'check-in',
  schema: StoredCheckIn,
  pathOf: ({ administration, id }) => [administration, id],
  versionOf: ({ version }) => version,
  keeps: 'the newest version',
  rowOf: ({ site, state, counting }) => ({
    site,
    state,
    at: counting.to,
    marks: counting.marks.map(nameOf),
  }),
});

/* ---- With tables of their own ----------------------------------------------------------------------------- */

export const declarationDocument = documentKind({
  kind: 'declaration',
  schema: Declaration,
  // a reference may have any letters
  pathOf: ({ administration, ref }) => [administration, sha256Hex(ref)],
  versionOf: ({ version }) => version,
});

export const personDocument = documentKind({
  kind: 'person',
  schema: Person,
  pathOf: ({ administration, id }) => [administration, id],
  versionOf: ({ version }) => version,
});

/** The same folder with the versions that 0.2.0 wrote. */
export const anyRegisterDocument = documentKind({
  kind: 'register',
  schema: Type.Union([StoredRegister, EarlierRegister]),
  pathOf: ({ administration, site, id }) => [administration, site, id],
  versionOf: ({ version }) => version,
});

/** Why the alarm of a scanner was acknowledged; one for each time. */
export const acknowledgementDocument = documentKind({
  kind: 'acknowledgement',
  schema: Acknowledgement,
  pathOf: ({ administration, site, id, at }) => [
    administration,
    site,
    id,
    at.toLowerCase().replaceAll(':', '-'),
  ],
  versionOf: () => 1,
});

/** What a vendor's station decided; one for each file of it. */
export const stationDocument = documentKind({
  kind: 'station',
  schema: StoredDecisions,
  pathOf: ({ administration, site, id }) => [administration, site, id],
  versionOf: () => 1,
});
