import type { Attack } from '../target.ts';
import { ampersands, zippedAmpersands } from './ampersands.ts';
import { deflatedBombBy } from './deflated-bomb.ts';
import { deviceWithoutEnd } from './device-without-end.ts';
import { idleConnections } from './idle-connections.ts';
import { formsWithoutBoundary, protocolGarbage } from './protocol-garbage.ts';
import { renderings } from './renderings.ts';
import { slowBodies } from './slow-bodies.ts';
import { wrongKeys } from './wrong-keys.ts';

/** Every attack in its usual size, in the order in which they are run. Another one is one more entry. */
export const attacks: readonly Attack[] = [
  formsWithoutBoundary(),
  protocolGarbage(),
  wrongKeys(),
  ampersands(),
  zippedAmpersands(),
  renderings(),
  deflatedBombBy('STOW'),
  deflatedBombBy('upload'),
  deflatedBombBy('tus'),
  slowBodies(),
  deviceWithoutEnd(),
  idleConnections(),
];
