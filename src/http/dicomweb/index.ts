import { pictureRoutes } from './picture-routes.ts';
import { retrieveRoutes } from './retrieve-routes.ts';
import { searchRoutes } from './search-routes.ts';

/** DICOMweb (PS3.18), but for what stores, which has a scope of its own. */
export const dicomwebRoutes = [...searchRoutes, ...retrieveRoutes, ...pictureRoutes];
