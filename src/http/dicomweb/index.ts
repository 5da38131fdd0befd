import type { FastifyInstance } from 'fastify';
import type { StoreDeps } from '../../receive/dicom-instances.ts';
import type { StagingDeps } from '../../receive/upload.ts';
import type { PublicPlace } from './addresses.ts';
import { pictureRoutes } from './picture-routes.ts';
import { type RetrieveDeps, retrieveRoutes } from './retrieve-routes.ts';
import { searchRoutes } from './search-routes.ts';
import { storeRoutes } from './store-routes.ts';

/** DICOMweb (PS3.18) under /dicomweb: what viewers and archives of others speak. */
export function dicomwebRoutes(
  app: FastifyInstance,
  deps: RetrieveDeps & StoreDeps & StagingDeps & PublicPlace,
): void {
  searchRoutes(app, deps);
  retrieveRoutes(app, deps);
  pictureRoutes(app, deps);
  // Apart, because what it takes as a body differs from everything else.
  app.register((scope, _options, done) => {
    storeRoutes(scope, deps);
    done();
  });
}
