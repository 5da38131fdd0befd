import type { FastifyInstance } from 'fastify';
import { pictureRoutes as dicomPictureRoutes } from '../dicomweb/picture-routes.ts';
import { retrieveRoutes } from '../dicomweb/retrieve-routes.ts';
import { searchRoutes } from '../dicomweb/search-routes.ts';
import { storeRoutes, takeRelatedParts } from '../dicomweb/store-routes.ts';
import { metricRoutes } from '../metrics.ts';
import { descriptionRoutes } from '../openapi/openapi.ts';
import { providerRoutes } from '../sign-in/provider-routes.ts';
import { sessionRoutes } from '../sign-in/session-routes.ts';
import { adviceRoutes } from './cases/advice.ts';
import { annotationRoutes } from './cases/annotations.ts';
import { caseRoutes, queueRoutes } from './cases/cases.ts';
import { besideRoutes } from './cases/comparisons.ts';
import { dangerRoutes } from './cases/dangers.ts';
import { outlookRoutes } from './cases/outlook.ts';
import { ownDecisionRoutes } from './cases/own-decisions.ts';
import { passageRoutes } from './cases/passages.ts';
import { photographRoutes, takePhotographs } from './cases/photographs.ts';
import { searchOrderRoutes } from './cases/search-order.ts';
import { catalogueRoutes } from './catalogue.ts';
import { declarationRoutes } from './declarations.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './export.ts';
import { healthRoutes } from './health.ts';
import { holdRoutes } from './holds.ts';
import { listRoutes } from './lists.ts';
import { measureRoutes } from './measures/measures.ts';
import { objectRoutes, originalRoutes, reportRoutes } from './objects.ts';
import { personRoutes } from './persons.ts';
import { mapRoutes, pictureRoutes } from './pictures.ts';
import { recordRoutes } from './record.ts';
import { modelRoutes } from './rules/models.ts';
import { policyRoutes } from './rules/policy.ts';
import { reasonRoutes } from './rules/reasons.ts';
import { shadowRoutes } from './rules/shadow.ts';
import { siteRoutes } from './rules/sites.ts';
import { comparisonRoutes, stationRoutes, takeStationFiles } from './rules/station.ts';
import { vendorRoutes } from './rules/vendors.ts';
import { sampleRoutes } from './samples.ts';
import { scannerRoutes } from './scanners.ts';
import { revisionRoutes, scanRoutes } from './scans.ts';
import { takeChunks, tusRoutes } from './tus.ts';
import { takeUploads, uploadRoutes } from './upload.ts';

const plain = [
  ...metricRoutes,
  ...scanRoutes,
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
  ...catalogueRoutes,
  ...shadowRoutes,
  ...vendorRoutes,
  ...recordRoutes,
  ...eventRoutes,
  ...scannerRoutes,
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
  ...modelRoutes,
];

/** Every endpoint there is. */
export const routes = [
  ...plain,
  ...storeRoutes,
  ...uploadRoutes,
  ...stationRoutes,
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
