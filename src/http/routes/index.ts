import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import type { RouteContext, RouteGroup } from '../context.ts';
import { dicomwebRoutes } from '../dicomweb/index.ts';
import { caseRoutes, queueRoutes } from './cases.ts';
import { catalogueRoutes } from './catalogue.ts';
import { declarationRoutes } from './declarations.ts';
import { exportRoutes } from './export.ts';
import { healthRoutes } from './health.ts';
import { holdRoutes } from './holds.ts';
import { objectRoutes, originalRoutes, pictureRoutes, reportRoutes } from './objects.ts';
import { recordRoutes } from './record.ts';
import { sampleRoutes } from './samples.ts';
import { scannerRoutes } from './scanners.ts';
import { revisionRoutes, scanRoutes } from './scans.ts';
import { tusRoutes } from './tus.ts';
import { uploadRoutes } from './upload.ts';

const plain: readonly RouteGroup[] = [
  scanRoutes,
  revisionRoutes,
  objectRoutes,
  pictureRoutes,
  reportRoutes,
  originalRoutes,
  sampleRoutes,
  exportRoutes,
  declarationRoutes,
  catalogueRoutes,
  recordRoutes,
  scannerRoutes,
  healthRoutes,
];

export function registerRoutes(app: FastifyInstance, context: RouteContext): void {
  for (const group of plain) group(app, context);
  dicomwebRoutes(app, context);
  // Apart, because what they take as a body differs from everything else.
  app.register((scope, _options, done) => {
    scope.register(multipart, { throwFileSizeLimit: false });
    uploadRoutes(scope, context);
    done();
  });
  app.register((scope, _options, done) => {
    tusRoutes(scope, context);
    done();
  });
  app.register((scope, _options, done) => {
    scope.addHook('preValidation', async (request) => {
      // A move without a word is a move without a body; the schema then says whether it may be.
      request.body ??= {};
    });
    queueRoutes(scope, context);
    caseRoutes(scope, context);
    holdRoutes(scope, context);
    done();
  });
}
