import type { FastifyInstance } from 'fastify';
import type { RouteContext } from '../context.ts';
import { pictureRoutes } from './picture-routes.ts';
import { retrieveRoutes } from './retrieve-routes.ts';
import { searchRoutes } from './search-routes.ts';
import { storeRoutes } from './store-routes.ts';

/** DICOMweb (PS3.18) under /dicomweb: what viewers and archives of others speak. */
export function dicomwebRoutes(app: FastifyInstance, context: RouteContext): void {
  searchRoutes(app, context);
  retrieveRoutes(app, context);
  pictureRoutes(app, context);
  // Apart, because what it takes as a body differs from everything else.
  app.register((scope, _options, done) => {
    storeRoutes(scope, context);
    done();
  });
}
