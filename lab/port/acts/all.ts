import { caseMakers } from './cases.ts';
import { gateMakers } from './gate.ts';
import { handHoldMakers } from './hand-holds.ts';
import { holdMakers } from './holds.ts';
import { messageMakers } from './messages.ts';
import { otherMakers } from './other-ways.ts';
import { ruleMakers } from './rules.ts';
import type { Maker } from './scene.ts';
import { serviceHoldMakers } from './service-holds.ts';

export const makers: readonly Maker[] = [
  ...messageMakers,
  ...caseMakers,
  ...holdMakers,
  ...handHoldMakers,
  ...gateMakers,
  ...ruleMakers,
  ...serviceHoldMakers,
  ...otherMakers,
];
