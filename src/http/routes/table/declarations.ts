import { rolesWho } from '../rights.ts';
import { get, type Operation, put } from './operation.ts';

const declarants = rolesWho('declare');
const declarationReaders = rolesWho('read declarations');

/** Declarations. */
export const declarationOperations = {
  listDeclarations: get('declarations', '/v1/declarations', declarationReaders, 'Declarations', [
    'NII_CURSOR_EXPIRED',
  ]),
  getDeclaration: get('declarations', '/v1/declarations/:ref', declarationReaders, 'One declaration', [
    'NII_NOT_FOUND',
  ]),
  putDeclaration: put(
    'declarations',
    '/v1/declarations/:ref',
    declarants,
    'State a declaration, or replace what was stated; joins scans by container and time, also earlier ones',
    ['NII_NOT_FOUND', 'NII_PRECONDITION_FAILED', 'NII_PRECONDITION_REQUIRED', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
} satisfies Readonly<Record<string, Operation>>;
