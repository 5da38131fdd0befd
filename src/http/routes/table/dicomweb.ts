import type { ErrorCode } from '../../../core/errors.ts';
import { get, type Operation, post, senders, viewers } from './operation.ts';

const searchErrors = ['NII_NOT_ACCEPTABLE'] satisfies readonly ErrorCode[];

const retrieveErrors = [
  'NII_NOT_FOUND',
  'NII_NOT_ACCEPTABLE',
  'NII_UNSUPPORTED_VARIANT',
  'NII_MALFORMED',
] satisfies readonly ErrorCode[];

/** Of what shows pixels. */
const pixelErrors = [...retrieveErrors, 'NII_CAB_MASKED'] satisfies readonly ErrorCode[];

const storeErrors = [
  'NII_UPLOAD_CUT',
  'NII_LIMIT_BYTES',
  'NII_LIMIT_FILES',
  'NII_MEDIA_TYPE',
  'NII_QUEUE_FULL',
  'NII_DISK_FULL',
] satisfies readonly ErrorCode[];

/** DICOMweb. */
export const dicomwebOperations = {
  storeInstances: post('dicomweb', '/dicomweb/studies', senders, 'Store instances (STOW-RS)', storeErrors),
  storeInstancesOfStudy: post(
    'dicomweb',
    '/dicomweb/studies/:study',
    senders,
    'Store instances of one study (STOW-RS)',
    storeErrors,
  ),
  searchStudies: get('dicomweb', '/dicomweb/studies', viewers, 'Search for studies (QIDO-RS)', searchErrors),
  searchSeries: get(
    'dicomweb',
    '/dicomweb/series',
    viewers,
    'Search for series of any study (QIDO-RS)',
    searchErrors,
  ),
  searchInstances: get(
    'dicomweb',
    '/dicomweb/instances',
    viewers,
    'Search for instances of any study (QIDO-RS)',
    searchErrors,
  ),
  searchSeriesOfStudy: get(
    'dicomweb',
    '/dicomweb/studies/:study/series',
    viewers,
    'Search for series of a study (QIDO-RS)',
    searchErrors,
  ),
  searchInstancesOfStudy: get(
    'dicomweb',
    '/dicomweb/studies/:study/instances',
    viewers,
    'Search for instances of a study (QIDO-RS)',
    searchErrors,
  ),
  searchInstancesOfSeries: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances',
    viewers,
    'Search for instances of a series (QIDO-RS)',
    searchErrors,
  ),
  retrieveStudy: get(
    'dicomweb',
    '/dicomweb/studies/:study',
    viewers,
    'Every instance of a study (WADO-RS)',
    pixelErrors,
  ),
  retrieveStudyMetadata: get(
    'dicomweb',
    '/dicomweb/studies/:study/metadata',
    viewers,
    'Data sets of a study without pixels (WADO-RS)',
    retrieveErrors,
  ),
  retrieveStudyThumbnail: get(
    'dicomweb',
    '/dicomweb/studies/:study/thumbnail',
    viewers,
    'Small picture of a study (WADO-RS)',
    pixelErrors,
  ),
  retrieveSeries: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series',
    viewers,
    'Every instance of a series (WADO-RS)',
    pixelErrors,
  ),
  retrieveSeriesMetadata: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/metadata',
    viewers,
    'Data sets of a series without pixels (WADO-RS)',
    retrieveErrors,
  ),
  retrieveSeriesThumbnail: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/thumbnail',
    viewers,
    'Small picture of a series (WADO-RS)',
    pixelErrors,
  ),
  retrieveInstance: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance',
    viewers,
    'One instance as a DICOM file (WADO-RS)',
    pixelErrors,
  ),
  retrieveInstanceMetadata: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/metadata',
    viewers,
    'Data set of an instance without pixels (WADO-RS)',
    retrieveErrors,
  ),
  retrieveInstanceThumbnail: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/thumbnail',
    viewers,
    'Small picture of an instance (WADO-RS)',
    pixelErrors,
  ),
  renderInstance: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/rendered',
    viewers,
    'Picture of the first frame of an instance (WADO-RS)',
    pixelErrors,
  ),
  retrieveFrames: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/frames/:frames',
    viewers,
    'Frames of an instance in a transfer syntax of choice (WADO-RS)',
    pixelErrors,
  ),
  renderFrames: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/frames/:frames/rendered',
    viewers,
    'Picture of one frame (WADO-RS)',
    pixelErrors,
  ),
  retrieveBulkData: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/bulkdata/:tag',
    viewers,
    'One long binary value of an instance (WADO-RS)',
    pixelErrors,
  ),
} satisfies Readonly<Record<string, Operation>>;
