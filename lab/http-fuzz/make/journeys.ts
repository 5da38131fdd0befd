import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';
import type { Description, Operation } from '../description.ts';
import { oneIn, oneOf } from './chance.ts';

/** Orders in which people and machines call; what is in between or comes twice is drawn. */
const journeys: readonly (readonly string[])[] = [
  [
    'uploadScans',
    'getScan',
    'listRevisions',
    'getRevision',
    'getConformance',
    'listOriginals',
    'getOriginal',
  ],
  ['uploadScans', 'getScanJson', 'listDicos', 'getDicos', 'getPreview', 'getSamples', 'exportChannel'],
  [
    'listQueue',
    'takeNextCase',
    'getCase',
    'decideCase',
    'decideCase',
    'closeCase',
    'reopenCase',
    'claimCase',
  ],
  [
    'claimCase',
    'claimCase',
    'decideCase',
    'referCase',
    'listSearches',
    'recordOutcome',
    'acceptSearch',
    'recordCustomsRelease',
    'listReleases',
    'reviewRelease',
    'closeCase',
  ],
  [
    'claimCase',
    'decideCase',
    'requestOpinion',
    'takeNextCase',
    'decideCase',
    'settleCase',
    'handBackCase',
    'claimCase',
    'reopenCase',
  ],
  ['listScans', 'convertScanAgain', 'convertScanAgain', 'getScan', 'getLaneInstruction', 'listChanges'],
  ['beginResumable', 'sendResumable', 'getResumable', 'sendResumable', 'sendResumable', 'getResumable'],
  ['beginResumable', 'endResumable', 'sendResumable', 'endResumable', 'getResumable'],
  ['storeInstances', 'searchStudies', 'searchSeries', 'searchInstances', 'retrieveInstance'],
  ['searchInstances', 'retrieveInstanceMetadata', 'retrieveFrames', 'renderFrames'],
  ['searchInstances', 'retrieveBulkData', 'renderInstance', 'retrieveInstanceThumbnail'],
  ['putDeclaration', 'getDeclaration', 'putDeclaration', 'putDeclaration', 'listDeclarations'],
  [
    'listHolds',
    'getHold',
    'adjudicateHold',
    'closeHold',
    'reopenHold',
    'joinHold',
    'unjoinHold',
    'duplicateHold',
    'adjudicateHold',
  ],
  [
    'listScanners',
    'getScanner',
    'registerScanner',
    'registerScanner',
    'confirmScanner',
    'acknowledgeScanner',
  ],
  ['getPolicy', 'putPolicy', 'putPolicy', 'confirmPolicy', 'getPolicyVersion', 'getPolicy'],
  ['listSites', 'getSite', 'putSite', 'putSite', 'confirmSite', 'getSite', 'getLaneInstruction'],
  ['sendCheckIns', 'listCheckIns', 'getCheckIn', 'putCheckIn', 'confirmCheckIn', 'sendCheckInFile'],
  [
    'listVehicleHolds',
    'putVehicleHold',
    'getVehicleHold',
    'putVehicleHold',
    'confirmVehicleHold',
    'listProposals',
  ],
  ['listScans', 'getVehicle', 'getVehicleInstruction', 'getSetAside', 'putSetAside', 'confirmSetAside'],
  ['listServiceHolds', 'getServiceHold', 'endServiceHold', 'confirmServiceHold', 'listServiceHolds'],
  ['sendStationDecisions', 'compareStation', 'sendStationDecisions', 'compareStation'],
  ['takeNextCase', 'addAnnotation', 'listAnnotations', 'changeAnnotation', 'removeAnnotation', 'decideCase'],
  [
    'claimCase',
    'decideCase',
    'referCase',
    'addPhotograph',
    'listPhotographs',
    'getPhotograph',
    'removePhotograph',
    'recordOutcome',
    'getPhotographOriginal',
  ],
  ['reportPassages', 'listPassages', 'settlePassage', 'reportPassages', 'settlePassage', 'listPassages'],
  ['readAudit', 'listChanges', 'listNotAnalysed', 'readMetrics', 'checkLive', 'checkReady'],
];

/** For these the service starts a process that reads a file, or writes to the disk: a hundred times the usual cost. */
const costly =
  /^POST (\/v1\/scans|\/v1\/cases\/\{caseId\}\/photographs|\/dicomweb\/studies.*)$|^GET \/dicomweb\/studies\/\{study\}|\/(export|samples)$/;
const COSTLY_ONE_IN = 6;
const ALONE_ONE_IN = 2;
const SKIPPED_ONE_IN = 8;
const TWICE_ONE_IN = 8;

/** The operations of one visit: a journey with steps left out and repeated, or any one operation. */
export function nextVisit({ operations }: Description, numbers: SeededNumbers): readonly Operation[] {
  const any = () => oneOf(numbers, oneIn(numbers, COSTLY_ONE_IN) ? operations : cheap(operations));
  if (oneIn(numbers, ALONE_ONE_IN)) return [any()];
  const named = oneOf(numbers, journeys).flatMap((id) =>
    operations.filter((operation) => operation.id === id),
  );
  const visit = named.flatMap((operation) => {
    if (isCostly(operation) && !oneIn(numbers, COSTLY_ONE_IN)) return [];
    if (oneIn(numbers, SKIPPED_ONE_IN)) return [];
    return oneIn(numbers, TWICE_ONE_IN) ? [operation, operation] : [operation];
  });
  return visit.length === 0 ? [any()] : visit;
}

function isCostly({ method, path }: Operation): boolean {
  return costly.test(`${method} ${path}`);
}

function cheap(operations: readonly Operation[]): readonly Operation[] {
  return operations.filter((operation) => !isCostly(operation));
}
