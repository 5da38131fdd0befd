import type { Operation } from '../routes/table/operation.ts';
import type { OperationId } from '../routes/table.ts';
import { operations } from '../routes/table.ts';

/** Words of the description for what says nothing of itself: parameters, answers and tags. */

const parameters: Readonly<Record<string, string>> = {
  annotationId: 'Id of the annotation, as its sender drew it',
  caseId: 'Id of the case',
  channel: 'Id of the channel within its view, as the record names it',
  container: 'Number of a container; blanks and hyphens do not matter',
  format: 'Format of the file',
  holdId: 'Id of the hold',
  instance: 'SOP Instance UID',
  lane: 'Lane of the vehicle',
  measure: 'throughput, times, rates, agreement or past-due',
  name: 'Name of the report, as the list of reports gives it',
  passageId: 'Id that the lane gave the passage',
  personId: 'Id of the person',
  photographId: 'SHA-256 of the file of the photograph, as the list gives it',
  purpose: 'What the scan is for; operational unless given. Only operational scans reach the queue',
  receivedFrom: 'Only scans that were received at this time or later',
  receivedTo: 'Only scans that were received before this time',
  ref: 'Reference of the declaration',
  scanner: 'Id of the scanner',
  series: 'Series Instance UID',
  sha256: 'SHA-256 of the file, as the list of originals gives it',
  site: 'Name of the site: lower-case letters, digits and hyphens',
  state: 'Only scans in this state',
  study: 'Study Instance UID',
  tag: 'Tag of the element: eight hexadecimal digits',
  until: 'State that `wait` waits for; converted unless given',
  uploadId: 'Id of the upload, the last part of its address',
  view: 'Id of the view, as the record names it',
};

const tagWords: Readonly<Record<Operation['tag'], string>> = {
  upload: 'Send scans, in one request or over a line that breaks',
  scans: 'Scans, their revisions and their records',
  pixels: 'Samples, DICOS files and previews',
  triage: 'Cases of analysts, the queue, searches, passages and what the lane is told',
  radiation: 'Alarms of radiation portals, and what officers decide of them',
  declarations: 'What was declared of containers',
  persons: 'Persons, their conflicts of interest, their keys and their sessions',
  rules: 'What an administration and its sites decide',
  catalogue: 'Formats that are read, and models',
  dicomweb: 'DICOMweb (PS3.18) for viewers and archives',
  measures: 'What the work was worth: throughput, times, rates, agreement and cases past due',
  record: 'Scanners, changes and the audit',
  service: 'Health, metrics and this description',
};

/** What a success of a change carries, by the address that it goes to. */
const changed: readonly (readonly [string, string])[] = [
  ['/v1/cases/', 'The case as it is now'],
  ['/v1/holds/', 'The hold as it is now'],
  ['/v1/conflicts', 'The person with its conflicts of interest as they are now'],
  ['/v1/persons', 'The person as it is now'],
  ['/v1/session/', 'Signed out'],
  ['/v1/passages/', 'The passage as it is now'],
  ['/v1/passages', 'The passages of the report as they are kept'],
  ['/v1/declarations/', 'The declaration as it is kept'],
  ['/v1/scanners/', 'The scanner as it is now'],
  ['/v1/policy', 'The policy as it is now'],
  ['/v1/sites/', 'What is kept for the site now'],
];

/** Successes of one operation by status, where the others do not fit. */
const ofOperation: Partial<Record<OperationId, Readonly<Record<string, string>>>> = {
  uploadScans: { 202: 'Kept: the scans that the files became or joined' },
  convertScanAgain: {
    200: 'What converting again would change; nothing is changed',
    202: 'Accepted: the revision that converting again makes',
  },
  addAnnotation: { 200: 'The annotation as it is kept' },
  changeAnnotation: { 200: 'The annotation as it is now' },
  removeAnnotation: { 200: 'The annotation, with who removed it and when' },
  addPhotograph: { 200: 'The photograph as it is listed' },
  removePhotograph: { 200: 'The photograph, with who removed it and when' },
  putDeclaration: { 201: 'Stated for the first time' },
  putPolicy: { 202: 'A proposal, in force once another person confirms it' },
  putSite: { 202: 'A proposal, in force once another person confirms it' },
};

export function parameterWords(name: string): string | undefined {
  return parameters[name];
}

/** What a success of an operation carries. */
export function answerWords(operationId: OperationId, status: string): string {
  const { method, url, summary }: Operation = operations[operationId];
  const own = ofOperation[operationId]?.[status];
  if (own !== undefined || method === 'GET') return own ?? summary;
  return changed.find(([start]) => url.startsWith(start))?.[1] ?? summary;
}

export function describedTags() {
  const names = new Set(Object.values(operations).map((operation) => operation.tag));
  return [...names].map((name) => ({ name, description: tagWords[name] }));
}
