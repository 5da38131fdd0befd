import type {
  AllModelChoices,
  ModelChoices,
  ModelChoiceWrites,
  ModelRegister,
} from '../../../../core/ports/records/rules/model-choices.ts';
import type { KnownModel, StoredModelChoice } from '../../../../core/rules/model-choice.ts';
import { inTodaysForm } from '../../../../core/upgrade/older-forms.ts';
import type { Tx } from '../../database.ts';

type ModelRecords = AllModelChoices & ModelChoices & ModelChoiceWrites & ModelRegister;

/** Versions of models that were found, and what administrations chose of them, one row a version of a choice. */
export function modelRecords(tx: Tx): ModelRecords {
  return {
    async modelChoicesInForce() {
      const rows = await tx
        .selectFrom('model_choices')
        .select('body')
        .distinctOn(['administration', 'model'])
        .where('in_force', '=', true)
        .orderBy('administration')
        .orderBy('model')
        .orderBy('version', 'desc')
        .execute();
      return rows.map(fromRow);
    },
    async modelChoices(administration, model) {
      const ofAll = tx
        .selectFrom('model_choices')
        .select('body')
        .where('administration', '=', administration);
      const wanted = model === undefined ? ofAll : ofAll.where('model', '=', model);
      return (await wanted.orderBy('model').orderBy('version').execute()).map(fromRow);
    },
    async putModelChoice(value) {
      const { administration, model, version, state } = value;
      const body = JSON.stringify(value);
      const row = { administration, model, version, in_force: state === 'in-force', body };
      await tx.insertInto('model_choices').values(row).execute();
    },
    async registeredModels() {
      const rows = await tx
        .selectFrom('model_packages')
        .selectAll()
        .orderBy('id')
        .orderBy('version')
        .execute();
      return rows.map(({ found, ...row }) => ({ ...row, at: found.toISOString() }));
    },
    async registerModels(found) {
      const changed: KnownModel[] = [];
      for (const { id, version, sha256, waits, at } of found) {
        const known = await tx
          .selectFrom('model_packages')
          .select('sha256')
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst();
        if (known?.sha256 === sha256) continue;
        if (known !== undefined) changed.push({ id, version, sha256, waits });
        await tx
          .insertInto('model_packages')
          .values({ id, version, sha256, waits, found: at })
          .onConflict((row) => row.columns(['id', 'version']).doUpdateSet({ sha256, waits }))
          .execute();
      }
      return changed;
    },
  };
}

/** Rows of before may have it in an older form. */
function fromRow({ body }: { readonly body: StoredModelChoice }): StoredModelChoice {
  return inTodaysForm('model-choice', body) as StoredModelChoice;
}
