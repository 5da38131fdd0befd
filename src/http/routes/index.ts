import type { FastifyInstance } from 'fastify';
import { adviceRoutes } from '../../features/advice/routes.ts';
import { annotationRoutes } from '../../features/annotations/routes.ts';
import {
  checkInFileRoutes,
  checkInMoves,
  checkInRoutes,
  takeCheckInFiles,
} from '../../features/check-ins/routes.ts';
import { besideRoutes } from '../../features/comparisons/routes.ts';
import { dangerRoutes } from '../../features/dangers/routes.ts';
import { declarationRoutes } from '../../features/declarations/routes.ts';
import { holdRoutes } from '../../features/holds/routes.ts';
import { measureRoutes } from '../../features/measures/routes.ts';
import { modelRoutes } from '../../features/models/routes.ts';
import { shadowRoutes } from '../../features/models/shadow-routes.ts';
import { vendorRoutes } from '../../features/models/vendor-routes.ts';
import { ownDecisionRoutes } from '../../features/own-decisions/routes.ts';
import { passageRoutes } from '../../features/passages/routes.ts';
import { personRoutes } from '../../features/persons/routes.ts';
import { photographRoutes, takePhotographs } from '../../features/photographs/routes.ts';
import { reasonRoutes } from '../../features/policy/reason-routes.ts';
import { policyRoutes } from '../../features/policy/routes.ts';
import { proposalRoutes } from '../../features/proposals/routes.ts';
import { scanMarksRoutes } from '../../features/scan-marks/routes.ts';
import { scannerRoutes } from '../../features/scanners/routes.ts';
import { searchOrderRoutes } from '../../features/search-orders/routes.ts';
import { serviceHoldRoutes } from '../../features/service-holds/routes.ts';
import { setAsideRoutes } from '../../features/set-asides/routes.ts';
import { siteRoutes } from '../../features/sites/routes.ts';
import { comparisonRoutes, stationRoutes, takeStationFiles } from '../../features/stations/routes.ts';
import { vehicleHoldRoutes } from '../../features/vehicle-holds/routes.ts';
import { vehicleRoutes } from '../../features/vehicles/routes.ts';
import { timelineRoutes } from '../../features/vehicles/timeline-routes.ts';
import { outlookRoutes } from '../../features/verdict-outlook/routes.ts';
import { pictureRoutes as dicomPictureRoutes } from '../dicomweb/picture-routes.ts';
import { retrieveRoutes } from '../dicomweb/retrieve-routes.ts';
import { searchRoutes } from '../dicomweb/search-routes.ts';
import { storeRoutes, takeRelatedParts } from '../dicomweb/store-routes.ts';
import { metricRoutes } from '../metrics.ts';
import { descriptionRoutes } from '../openapi/openapi.ts';
import { providerRoutes } from '../sign-in/provider-routes.ts';
import { sessionRoutes } from '../sign-in/session-routes.ts';
import { caseRoutes, queueRoutes } from './cases.ts';
import { catalogueRoutes } from './catalogue.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './export.ts';
import { healthRoutes } from './health.ts';
import { listRoutes } from './lists.ts';
import { objectRoutes, originalRoutes, reportRoutes } from './objects.ts';
import { mapRoutes, pictureRoutes } from './pictures.ts';
import { recordRoutes } from './record.ts';
import { sampleRoutes } from './samples.ts';
import { revisionRoutes, scanRoutes } from './scans.ts';
import { takeChunks, tusRoutes } from './tus.ts';
import { takeUploads, uploadRoutes } from './upload.ts';

const plain = [
  ...metricRoutes,
  ...scanRoutes,
  ...vehicleRoutes,
  ...revisionRoutes,
  ...objectRoutes,
  ...pictureRoutes,
  ...mapRoutes,
  ...reportRoutes,
  ...originalRoutes,
  ...sampleRoutes,
  ...exportRoutes,
  ...declarationRoutes,
  ...listRoutes,
  ...measureRoutes,
  ...searchOrderRoutes,
  ...ownDecisionRoutes,
  ...outlookRoutes,
  ...reasonRoutes,
  ...passageRoutes,
  ...timelineRoutes,
  ...proposalRoutes,
  ...checkInRoutes,
  ...catalogueRoutes,
  ...shadowRoutes,
  ...vendorRoutes,
  ...recordRoutes,
  ...eventRoutes,
  ...personRoutes,
  ...sessionRoutes,
  ...providerRoutes,
  ...comparisonRoutes,
  ...healthRoutes,
  ...searchRoutes,
  ...retrieveRoutes,
  ...dicomPictureRoutes,
  ...descriptionRoutes,
];

/** Moves without a word may come without a body. */
const moves = [
  ...queueRoutes,
  ...besideRoutes,
  ...caseRoutes,
  ...annotationRoutes,
  ...dangerRoutes,
  ...adviceRoutes,
  ...holdRoutes,
  ...policyRoutes,
  ...siteRoutes,
  ...serviceHoldRoutes,
  ...setAsideRoutes,
  ...scanMarksRoutes,
  ...vehicleHoldRoutes,
  ...checkInMoves,
  ...scannerRoutes,
  ...modelRoutes,
];

/** Every endpoint there is. */
export const routes = [
  ...plain,
  ...storeRoutes,
  ...uploadRoutes,
  ...stationRoutes,
  ...checkInFileRoutes,
  ...photographRoutes,
  ...tusRoutes,
  ...moves,
];

export type OperationId = (typeof routes)[number]['id'];

/** What handlers use, all of them together. */
export type RouteDeps = (typeof routes)[number]['addTo'] extends (app: never, deps: infer Deps) => void
  ? Deps
  : never;

interface Addable {
  readonly addTo: (app: FastifyInstance, deps: RouteDeps) => void;
}

export function registerRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const add = (scope: FastifyInstance, some: readonly Addable[]) => {
    for (const route of some) route.addTo(scope, deps);
  };
  /** A scope of its own, for what takes other bodies than the rest. */
  const addApart = (some: readonly Addable[], prepare: (scope: FastifyInstance) => void) => {
    app.register((scope, _options, done) => {
      prepare(scope);
      add(scope, some);
      done();
    });
  };
  add(app, plain);
  addApart(storeRoutes, takeRelatedParts);
  addApart(uploadRoutes, takeUploads);
  addApart(stationRoutes, takeStationFiles);
  addApart(checkInFileRoutes, takeCheckInFiles);
  addApart(photographRoutes, takePhotographs);
  addApart(tusRoutes, (scope) => takeChunks(scope, deps));
  addApart(moves, takeEmptyBodies);
}

/** A move without a word is a move without a body; the schema then says whether it may be. */
function takeEmptyBodies(scope: FastifyInstance): void {
  scope.addHook('preValidation', async (request) => {
    request.body ??= {};
  });
}
