import Type from 'typebox';
import { closed } from '../../http/schemas/requests.ts';

/** How far back figures of models and of vendors' algorithms look. */
export const DaysQuery = Type.Object(
  { days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, description: 'Default: 14' })) },
  closed,
);
export const DEFAULT_DAYS = 14;
