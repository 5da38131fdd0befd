import Type, { type Static } from 'typebox';

export const purposes = ['operational', 'calibration', 'image-quality-test', 'training'] as const;

export const Purpose = Type.Enum(purposes, {
  description: 'Only operational scans reach the queue, the rates and exchange',
});
export type Purpose = Static<typeof Purpose>;

interface PurposeFacts {
  /** Scans with this purpose reach the queue, unless the administration decides otherwise. */
  readonly isQueued: boolean;
}

export const purposeFacts: Readonly<Record<Purpose, PurposeFacts>> = {
  operational: { isQueued: true },
  calibration: { isQueued: false },
  'image-quality-test': { isQueued: false },
  training: { isQueued: false },
};
