import { readFileSync } from 'node:fs';
import type { Role } from '../../../../src/core/access.ts';
import { roles } from '../../../../src/core/access.ts';
import type { OperationId } from '../../../../src/http/routes/index.ts';

/**
 * Who may see and change what, from these sentences and not from the code:
 *
 * - A key sees rows of its administration; a key of one site those of that site.
 * - A scanner key sees of those what its sender sent.
 * - An analyst sees what is of the case in hand. Of these, nobody has one in hand.
 * - A resumable upload is of the key that began it.
 * - What a key does not see it does not change, and is told that it is not there.
 * - What its role may not is refused, whatever it is about.
 */

/** What one sender sent to one site of one administration. */
export interface Place {
  readonly administration: string;
  readonly site: string;
  /** Key id of who sent it. */
  readonly sender: string;
}

export interface Caller {
  readonly role: Role;
  readonly administration: string;
  /** Or `*`. */
  readonly site: string;
  readonly keyId: string;
  /** For whom the key sends. */
  readonly sender: string;
}

/** What an address is about; what somebody decided is the own of whoever did, and no caller here has. */
export type About = 'what was sent' | 'the site' | 'the upload' | 'own decision' | 'list' | 'nobody';

export function sees(caller: Caller, place: Place, about: About): boolean {
  if (caller.administration !== place.administration || about === 'own decision') return false;
  if (about === 'the upload') return caller.keyId === place.sender;
  if (caller.site !== '*' && caller.site !== place.site) return false;
  if (caller.role === 'analyst') return false;
  return about === 'the site' || caller.role !== 'scanner' || caller.sender === place.sender;
}

export const relations = ['own', 'site', 'other', 'all', 'out'] as const;
export type Relation = (typeof relations)[number];

/** How a key stands to what was sent. */
export function relationOf(caller: Caller, place: Place): Relation {
  if (caller.administration !== place.administration) return 'out';
  if (caller.sender === place.sender) return 'own';
  if (caller.site === '*') return 'all';
  return caller.site === place.site ? 'site' : 'other';
}

/** Roles that may call an address, from the matrix that is written apart from the code. */
export function mayCall(role: Role, method: string, url: string): boolean {
  const marks = matrix.get(`${method} ${url}`);
  if (marks === undefined) throw new Error(`${method} ${url} is not in access-matrix.txt`);
  return marks[0] === 'anyone' || marks[roles.indexOf(role)] === 'x';
}

const matrix = new Map(
  readFileSync(new URL('../access-matrix.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => {
      const [method = '', url = '', ...marks] = line.split(/ +/);
      return [`${method} ${url}`, marks] as const;
    }),
);

/** Every address there is: one that is new does not compile until it is said what it is about. */
export const abouts: Readonly<Record<OperationId, About>> = {
  uploadScans: 'nobody',
  beginResumable: 'nobody',
  getResumable: 'the upload',
  sendResumable: 'the upload',
  endResumable: 'the upload',
  listScans: 'list',
  getScan: 'what was sent',
  convertScanAgain: 'what was sent',
  getLaneInstruction: 'what was sent',
  getSetAside: 'what was sent',
  putSetAside: 'nobody',
  confirmSetAside: 'nobody',
  getScanMarks: 'what was sent',
  putScanMarks: 'nobody',
  confirmScanMarks: 'nobody',
  getVehicleInstruction: 'what was sent',
  listRevisions: 'what was sent',
  getRevision: 'what was sent',
  getScanJson: 'what was sent',
  getConformance: 'what was sent',
  listUnits: 'what was sent',
  listFindings: 'what was sent',
  listDicos: 'what was sent',
  getDicos: 'what was sent',
  getPreview: 'what was sent',
  getThumbnail: 'what was sent',
  getMap: 'what was sent',
  getMapLegend: 'what was sent',
  getSamples: 'what was sent',
  exportChannel: 'what was sent',
  listReports: 'what was sent',
  getReport: 'what was sent',
  listOriginals: 'what was sent',
  getOriginal: 'what was sent',
  listQueue: 'list',
  countQueue: 'nobody',
  getLoad: 'nobody',
  getMeasure: 'nobody',
  listMeasuredScans: 'list',
  getPersonFigures: 'nobody',
  takeNextCase: 'nobody',
  getCase: 'what was sent',
  claimCase: 'what was sent',
  renewClaim: 'what was sent',
  handBackCase: 'what was sent',
  decideCase: 'what was sent',
  listReasons: 'nobody',
  listAdvice: 'list',
  getAdvice: 'what was sent',
  requestAdvice: 'what was sent',
  joinAdvice: 'what was sent',
  sendAdvice: 'what was sent',
  listDangers: 'list',
  raiseDanger: 'what was sent',
  acknowledgeDanger: 'what was sent',
  getVerdictOutlook: 'what was sent',
  takeBackVerdict: 'what was sent',
  requestOpinion: 'what was sent',
  settleCase: 'what was sent',
  referCase: 'what was sent',

  recordOutcome: 'what was sent',
  acceptSearch: 'what was sent',
  closeCase: 'what was sent',
  reopenCase: 'what was sent',
  recordCustomsRelease: 'what was sent',
  reviewRelease: 'what was sent',
  listAnnotations: 'what was sent',
  addAnnotation: 'what was sent',
  changeAnnotation: 'what was sent',
  removeAnnotation: 'what was sent',
  listOwnDecisions: 'list',
  getOwnDecision: 'own decision',
  getOwnPreview: 'own decision',
  listPhotographs: 'what was sent',
  addPhotograph: 'what was sent',
  getPhotograph: 'what was sent',
  getPhotographOriginal: 'what was sent',
  removePhotograph: 'what was sent',
  listReleases: 'list',
  getSearchOrder: 'what was sent',
  listComparisons: 'what was sent',
  listSearches: 'list',
  listFinds: 'list',
  listNotAnalysed: 'list',
  reportPassages: 'nobody',
  listPassages: 'list',
  settlePassage: 'what was sent',
  sendCheckIns: 'nobody',
  sendCheckInFile: 'nobody',
  listCheckIns: 'list',
  getCheckIn: 'what was sent',
  putCheckIn: 'what was sent',
  confirmCheckIn: 'what was sent',
  listHolds: 'list',
  getHold: 'what was sent',
  adjudicateHold: 'what was sent',
  closeHold: 'what was sent',
  reopenHold: 'what was sent',
  duplicateHold: 'what was sent',
  joinHold: 'what was sent',
  unjoinHold: 'what was sent',
  listDeclarations: 'list',
  getDeclaration: 'the site',
  putDeclaration: 'the site',
  listPersons: 'nobody',
  createPerson: 'nobody',
  getPerson: 'nobody',
  linkPerson: 'nobody',
  declareConflict: 'nobody',
  setConflict: 'nobody',
  settleConflict: 'nobody',
  listHandBacks: 'nobody',
  listKeys: 'nobody',
  getPolicy: 'nobody',
  getPolicyVersion: 'nobody',
  putPolicy: 'nobody',
  confirmPolicy: 'nobody',
  // The name of a site means the site of one's own administration
  getVehicle: 'nobody',
  listProposals: 'nobody',
  listVehicleHolds: 'nobody',
  getVehicleHold: 'nobody',
  putVehicleHold: 'nobody',
  confirmVehicleHold: 'nobody',
  listServiceHolds: 'nobody',
  getServiceHold: 'nobody',
  endServiceHold: 'nobody',
  confirmServiceHold: 'nobody',
  listSites: 'nobody',
  getSite: 'nobody',
  putSite: 'nobody',
  confirmSite: 'nobody',
  sendStationDecisions: 'nobody',
  compareStation: 'nobody',
  listModels: 'nobody',
  // The name of a model means what one's own administration chose of it
  getModel: 'nobody',
  proposeModel: 'nobody',
  confirmModel: 'nobody',
  rollBackModel: 'nobody',
  setShadowModel: 'nobody',
  compareShadow: 'nobody',
  compareVendors: 'nobody',
  watchModels: 'nobody',
  listConverters: 'nobody',
  listScanners: 'list',
  getScanner: 'what was sent',
  registerScanner: 'what was sent',
  confirmScanner: 'what was sent',
  acknowledgeScanner: 'what was sent',
  listChanges: 'list',
  watchChanges: 'nobody',
  readAudit: 'list',
  storeInstances: 'nobody',
  storeInstancesOfStudy: 'nobody',
  searchStudies: 'list',
  searchSeries: 'list',
  searchInstances: 'list',
  searchSeriesOfStudy: 'what was sent',
  searchInstancesOfStudy: 'what was sent',
  searchInstancesOfSeries: 'what was sent',
  retrieveStudy: 'what was sent',
  retrieveStudyMetadata: 'what was sent',
  retrieveStudyThumbnail: 'what was sent',
  retrieveSeries: 'what was sent',
  retrieveSeriesMetadata: 'what was sent',
  retrieveSeriesThumbnail: 'what was sent',
  retrieveInstance: 'what was sent',
  retrieveInstanceMetadata: 'what was sent',
  retrieveInstanceThumbnail: 'what was sent',
  renderInstance: 'what was sent',
  retrieveFrames: 'what was sent',
  renderFrames: 'what was sent',
  retrieveBulkData: 'what was sent',
  checkLive: 'nobody',
  checkReady: 'nobody',
  readMetrics: 'nobody',
  getOpenapi: 'nobody',
  beginSignIn: 'nobody',
  acceptSignIn: 'nobody',
  getSession: 'nobody',
  endSession: 'nobody',
  endAllSessions: 'nobody',
};
