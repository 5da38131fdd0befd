import type { TestedModels } from '../../core/ports/inference.ts';
import {
  defaultVersion,
  isSameModel,
  type KnownModel,
  type StoredModelChoice,
} from '../../core/rules/model-choice.ts';

/** A version that an administration uses of one model. */
export type ChosenModel = Omit<KnownModel, 'waits'>;

/** What scores the scans of an administration: its choices, and of every other model the newest version. */
export function activeModels(
  { known }: Pick<TestedModels, 'known'>,
  choices: readonly StoredModelChoice[],
  administration: string,
): readonly ChosenModel[] {
  const own = choices.filter((choice) => choice.administration === administration);
  const ids = new Set([...known.map(({ id }) => id), ...own.map(({ model }) => model)]);
  return [...ids].flatMap((id) => {
    const active = own.find(({ model }) => model === id)?.terms.active ?? defaultVersion(known, id);
    return active === undefined ? [] : [{ id, version: active.version, sha256: active.sha256 }];
  });
}

/** What looks beside them. */
export function shadowModels(
  choices: readonly StoredModelChoice[],
  administration: string,
): readonly ChosenModel[] {
  return choices.flatMap(({ administration: of, model: id, terms: { shadow } }) =>
    of === administration && shadow !== undefined ? [{ id, ...shadow }] : [],
  );
}

/** Whether any administration may need the model for its next scan. */
export function isInUse(
  { known }: Pick<TestedModels, 'known'>,
  choices: readonly StoredModelChoice[],
): (model: KnownModel) => boolean {
  return (model) => {
    const ofModel = choices.filter((choice) => choice.model === model.id);
    const isChosen = ofModel.some(({ terms: { active, shadow } }) =>
      [active, shadow].some((one) => isSameModel(one, model)),
    );
    const isDefault = () => {
      const newest = defaultVersion(known, model.id);
      return newest !== undefined && isSameModel(newest, model);
    };
    return isChosen || (ofModel.every(({ terms }) => terms.active === undefined) && isDefault());
  };
}
