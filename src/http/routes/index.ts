import type { Documents } from '../../core/ports/records/documents.ts';
import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import type { AuditTrail } from '../../core/ports/records/audit.ts';
import type { CaseLists, Cases } from '../../core/ports/records/cases.ts';
import type { Changes } from '../../core/ports/records/changes.ts';
import type { Holds } from '../../core/ports/records/holds.ts';
import type { Instances } from '../../core/ports/records/instances.ts';
import type { ModelDays } from '../../core/ports/records/lists/model-days.ts';
import type { OwnDecisions } from '../../core/ports/records/lists/own-decisions.ts';
import type { Shadows } from '../../core/ports/records/lists/shadows.ts';
import type { VendorScans } from '../../core/ports/records/lists/vendor-scans.ts';
import type { Persons } from '../../core/ports/records/persons.ts';
import type { StationDecisions } from '../../core/ports/records/rules/station.ts';
import type { AnnotateDeps } from '../../decide/annotate.ts';
import type { RecordOutcomeDeps, RecordReleaseDeps } from '../../decide/cases.ts';
import type { NextCaseDeps, ReleaseDeps } from '../../decide/claims.ts';
import type { PutDeclarationDeps } from '../../decide/declare.ts';
import type { AdjudicateHoldDeps } from '../../decide/holds.ts';
import type { ChangeModelDeps } from '../../decide/models.ts';
import type { ReportPassagesDeps, SettlePassageDeps } from '../../decide/passages.ts';
import type { DecidePolicyDeps } from '../../decide/policy.ts';
import type { AcknowledgeDeps, RegisterDeps } from '../../decide/scanners.ts';
import type { DecideSiteDeps } from '../../decide/sites.ts';
import type { DecideCaseDeps } from '../../decide/verdict/second-thoughts.ts';
import type { ComparisonsTx } from '../../look/beside/comparisons.ts';
import type { GetDeclarationTx } from '../../look/declarations.ts';
import type { InstanceDeps } from '../../look/dicomweb/read.ts';
import type { ExportDeps } from '../../look/export/export.ts';
import type { NotAnalysedDeps } from '../../look/lists.ts';
import type { MeasuresDeps, PersonMeasuresDeps } from '../../look/measures/measures.ts';
import type { WatchModelsDeps } from '../../look/models/days.ts';
import type { ListPassagesTx } from '../../look/passages/passages.ts';
import type { ReadSamplesDeps } from '../../look/pixels/samples.ts';
import type { GetScanTx, RevisionTx, Viewing } from '../../look/read.ts';
import type { SearchOrderDeps } from '../../look/search-order.ts';
import type { StoreDeps } from '../../receive/dicom-instances.ts';
import type { ResumableDeps } from '../../receive/resumable/uploads.ts';
import type { TakeDecisionsDeps } from '../../receive/station-decisions.ts';
import type { RulesTx } from '../../stored/rules.ts';
import type { TryAgainDeps } from '../../upkeep/convert-again.ts';
import type { ReconvertDeps } from '../../upkeep/reconvert.ts';
import type { RouteContext } from '../context.ts';
import type { PublicPlace } from '../dicomweb/addresses.ts';
import { dicomwebRoutes } from '../dicomweb/index.ts';
import { type ProviderRoutesDeps, providerRoutes } from '../sign-in/provider-routes.ts';
import { type SessionRoutesDeps, sessionRoutes } from '../sign-in/session-routes.ts';
import { adviceRoutes } from './cases/advice.ts';
import { annotationRoutes } from './cases/annotations.ts';
import { caseRoutes, queueRoutes } from './cases/cases.ts';
import { besideRoutes } from './cases/comparisons.ts';
import { dangerRoutes } from './cases/dangers.ts';
import { outlookRoutes } from './cases/outlook.ts';
import { ownDecisionRoutes } from './cases/own-decisions.ts';
import { passageRoutes } from './cases/passages.ts';
import { type PhotographRoutesDeps, photographRoutes } from './cases/photographs.ts';
import { searchOrderRoutes } from './cases/search-order.ts';
import { type CatalogueDeps, catalogueRoutes } from './catalogue.ts';
import { declarationRoutes } from './declarations.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './export.ts';
import { type HealthDeps, healthRoutes } from './health.ts';
import { holdRoutes } from './holds.ts';
import { listRoutes } from './lists.ts';
import { measureRoutes } from './measures/measures.ts';
import { objectRoutes, originalRoutes, reportRoutes } from './objects.ts';
import { type PersonRoutesDeps, personRoutes } from './persons.ts';
import { mapRoutes, type PictureDeps, pictureRoutes } from './pictures.ts';
import { recordRoutes } from './record.ts';
import { modelRoutes } from './rules/models.ts';
import { policyRoutes } from './rules/policy.ts';
import { reasonRoutes } from './rules/reasons.ts';
import { shadowRoutes } from './rules/shadow.ts';
import { siteRoutes } from './rules/sites.ts';
import { comparisonRoutes, stationRoutes } from './rules/station.ts';
import { vendorRoutes } from './rules/vendors.ts';
import { sampleRoutes } from './samples.ts';
import { scannerRoutes } from './scanners.ts';
import { revisionRoutes, scanRoutes } from './scans.ts';
import { tusRoutes } from './tus.ts';
import { uploadRoutes } from './upload.ts';

export type RouteDeps = Viewing<
  GetScanTx &
    RevisionTx &
    GetDeclarationTx &
    Cases &
    Pick<Documents, 'documentsAbout'> &
    CaseLists &
    OwnDecisions &
    Persons &
    Changes &
    AuditTrail &
    Holds &
    Instances &
    Pick<Documents, 'documentStanding' | 'documentVersion'> &
    Pick<Documents, 'documentHistory'> &
    Shadows &
    ModelDays &
    VendorScans &
    Pick<Documents, 'documentStanding' | 'sitesWithDocument'> &
    StationDecisions &
    RulesTx &
    ListPassagesTx &
    ComparisonsTx
> &
  TryAgainDeps &
  ReconvertDeps &
  ReadSamplesDeps &
  ExportDeps &
  SearchOrderDeps &
  PictureDeps &
  PutDeclarationDeps &
  AcknowledgeDeps &
  DecidePolicyDeps &
  DecideSiteDeps &
  ChangeModelDeps &
  TakeDecisionsDeps &
  RegisterDeps &
  CatalogueDeps &
  HealthDeps &
  ResumableDeps &
  NextCaseDeps &
  AnnotateDeps &
  PhotographRoutesDeps &
  ReleaseDeps &
  RecordReleaseDeps &
  RecordOutcomeDeps &
  DecideCaseDeps &
  NotAnalysedDeps &
  MeasuresDeps &
  WatchModelsDeps &
  PersonMeasuresDeps &
  ReportPassagesDeps &
  SettlePassageDeps &
  AdjudicateHoldDeps &
  PersonRoutesDeps &
  StoreDeps &
  SessionRoutesDeps &
  ProviderRoutesDeps &
  PublicPlace &
  InstanceDeps;

export function registerRoutes(app: FastifyInstance, deps: RouteDeps, context: RouteContext): void {
  scanRoutes(app, deps);
  revisionRoutes(app, deps);
  objectRoutes(app, deps);
  pictureRoutes(app, deps);
  mapRoutes(app, deps);
  reportRoutes(app, deps);
  originalRoutes(app, deps);
  sampleRoutes(app, deps);
  exportRoutes(app, deps);
  declarationRoutes(app, deps);
  listRoutes(app, deps);
  measureRoutes(app, deps);
  searchOrderRoutes(app, deps);
  ownDecisionRoutes(app, deps);
  outlookRoutes(app, deps);
  reasonRoutes(app, deps);
  passageRoutes(app, deps);
  catalogueRoutes(app, deps);
  shadowRoutes(app, deps);
  vendorRoutes(app, deps);
  recordRoutes(app, deps, context);
  eventRoutes(app, deps, context);
  scannerRoutes(app, deps);
  personRoutes(app, deps);
  sessionRoutes(app, deps);
  providerRoutes(app, deps);
  comparisonRoutes(app, deps);
  healthRoutes(app, deps, context);
  dicomwebRoutes(app, deps);
  // Apart, because what they take as a body differs from everything else.
  app.register((scope, _options, done) => {
    scope.register(multipart, { throwFileSizeLimit: false });
    uploadRoutes(scope, deps, context);
    done();
  });
  app.register((scope, _options, done) => {
    stationRoutes(scope, deps);
    done();
  });
  app.register((scope, _options, done) => {
    photographRoutes(scope, deps);
    done();
  });
  app.register((scope, _options, done) => {
    tusRoutes(scope, deps);
    done();
  });
  app.register((scope, _options, done) => {
    scope.addHook('preValidation', async (request) => {
      // A move without a word is a move without a body; the schema then says whether it may be.
      request.body ??= {};
    });
    queueRoutes(scope, deps);
    besideRoutes(scope, deps);
    caseRoutes(scope, deps);
    annotationRoutes(scope, deps);
    dangerRoutes(scope, deps);
    adviceRoutes(scope, deps);
    holdRoutes(scope, deps);
    policyRoutes(scope, deps);
    siteRoutes(scope, deps);
    modelRoutes(scope, deps);
    done();
  });
}
