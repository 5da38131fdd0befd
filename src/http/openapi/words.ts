import type { RouteFacts, Tag } from '../route.ts';

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

const tagWords: Readonly<Record<Tag, string>> = {
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
  measures: 'Performance: throughput, times, rates, agreement and overdue cases',
  record: 'Scanners, changes and the audit',
  service: 'Health, metrics and this description',
};

export function parameterWords(name: string): string | undefined {
  return parameters[name];
}

/** What a success of an endpoint carries. */
export function answerWords({ summary, answers }: RouteFacts, status: string): string {
  return answers?.[Number(status)] ?? summary;
}

export function describedTags() {
  return Object.entries(tagWords).map(([name, description]) => ({ name, description }));
}
