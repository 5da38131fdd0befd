import { rolesWho } from '../rights.ts';
import { get, keepers, type Operation, post, readErrors, remove } from './operation.ts';

const readers = rolesWho('read cases');
const searchers = rolesWho('record outcomes');
const home = '/v1/cases/:caseId/photographs';
const one = `${home}/:photographId`;

/** What searchers photograph. */
export const photographOperations = {
  listPhotographs: get(
    'triage',
    home,
    readers,
    'Photographs of a search, in the order in which they were added; none while somebody may still read the image',
    ['NII_NOT_FOUND'],
  ),
  addPhotograph: post(
    'triage',
    home,
    searchers,
    'Add a photograph to a case in search: JPEG, PNG or WebP; the same file is kept once',
    [
      'NII_NOT_FOUND',
      'NII_STATE_CONFLICT',
      'NII_UPLOAD_CUT',
      'NII_LIMIT_BYTES',
      'NII_LIMIT_FILES',
      'NII_LIMIT_PIXELS',
      ...readErrors,
    ],
  ),
  getPhotograph: get(
    'triage',
    one,
    readers,
    'A photograph as it is shown: JPEG, upright, without the place and the camera',
    ['NII_NOT_FOUND'],
  ),
  getPhotographOriginal: get(
    'triage',
    `${one}/original`,
    readers.filter((role) => keepers.includes(role)),
    'The file as the camera wrote it, with what it says of place, time and camera',
    ['NII_NOT_FOUND'],
  ),
  removePhotograph: remove(
    'triage',
    one,
    searchers,
    'Remove a photograph while the case is in search; it stays in the record, with who removed it',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT'],
  ),
} satisfies Readonly<Record<string, Operation>>;
