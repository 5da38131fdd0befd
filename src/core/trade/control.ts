import Type, { type Static } from 'typebox';
import { commercial, personal } from '../disclosure/field-class.ts';
import { Acquired } from '../scan/circumstances.ts';

const closed = { additionalProperties: false } as const;
const Short = (options = {}) => Type.String({ maxLength: 128, ...options });

const controlSteps = ['selectivity', 'scan', 'image-analysis', 'search', 'result', 'other'] as const;

/** One control, with the number that its system gave it. */
const ControlStep = Type.Object(
  {
    step: Type.Enum(controlSteps, { description: 'Step of the chain from selection to result' }),
    id: Type.Optional(Short({ description: "Number assigned by the administration's system" })),
    previous: Type.Optional(Short({ description: 'Id of the previous step' })),
    type: Type.Optional(Short({ description: 'Code of the control type, as written' })),
    result: Type.Optional(Short({ description: 'Code of the control result, as written' })),
    at: Type.Optional(Acquired),
    officer: Type.Optional(
      Short({ ...personal, description: 'Person or system that performed it, as written' }),
    ),
  },
  closed,
);

/** Why the goods were chosen, and what was done: facts of the systems around the scanner, never of this service. */
export const Control = Type.Object(
  {
    selectivity: Type.Optional(
      Type.Object(
        {
          reference: Type.Optional(Short()),
          channel: Type.Optional(Short({ description: 'Such as green, yellow or red' })),
          result: Type.Optional(Short({ description: 'Code of the rule or risk profile, as written' })),
        },
        closed,
      ),
    ),
    steps: Type.Optional(Type.Array(ControlStep, { maxItems: 64 })),
    recognisedFrom: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{2}$',
        description:
          'Country whose control is recognised, so that no second control is needed (SAFE, mutual recognition of controls)',
      }),
    ),
  },
  { ...closed, ...commercial },
);
export type Control = Static<typeof Control>;
