import { type Actor, ANY_SITE } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Answers } from '../core/ports/records/answers.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { ModelChoices, ModelChoiceWrites } from '../core/ports/records/rules/model-choices.ts';
import type { TestedModels } from '../core/ports/tested-models.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import {
  defaultVersion,
  isSameModel,
  type KnownModel,
  type ModelHistory,
  type ModelTerms,
  type NamedModel,
  type StoredModelChoice,
  standingOf,
} from '../core/rules/model-choice.ts';
import type { Version } from '../core/rules/version.ts';
import { storeDerived } from '../stored/case-store.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { modelChoiceObject, NO_SCAN } from '../stored/rules.ts';
import { type Command, earlierAnswer, keepAnswer } from './command.ts';
import { confirmedNext, requireNewest, writtenNext } from './versions.ts';

/** Which version of a model scores the scans of an administration. A new one takes two persons, the way back one. */

export type ChangeModelTx = ModelChoices &
  ModelChoiceWrites &
  ObjectRowWrites &
  ChangeWrites &
  Audit &
  Answers;

export interface ChangeModelDeps {
  readonly records: Transactions<ChangeModelTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly models: TestedModels;
}

/**
 * Proposes a version that is installed and repeats its recorded outputs.
 * @returns all versions of the choice
 * @throws NII_NOT_FOUND; NII_MODEL_GOLDEN and what else loading it throws; NII_STATE_CONFLICT where it is active;
 *   NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED; NII_FORBIDDEN for a key of one site
 */
export async function proposeModel(
  deps: ChangeModelDeps,
  command: Command,
  id: string,
  version: string,
): Promise<ModelHistory> {
  const wanted = await tested(deps.models, id, version);
  return change(deps, command, id, 'activate model: propose', (history, at) => {
    const terms = standingOf(history).inForce?.terms ?? {};
    const before = activeOf(deps.models, id, terms);
    if (isSameModel(before, wanted))
      throw new NiiError('NII_STATE_CONFLICT', `Version "${version}" of "${id}" is active already`);
    const shadow = isSameModel(terms.shadow, wanted) ? undefined : terms.shadow;
    const next = { active: named(wanted), ...defined({ before, shadow }) };
    return writtenNext(command, history.length, next, { isLooser: true, at });
  });
}

/**
 * Another person's word on a proposal, after the model was tested once more: it scores from the next scan on.
 * @throws NII_STATE_CONFLICT where nothing is proposed, or by whom it was proposed; as `proposeModel`
 */
export async function confirmModel(
  deps: ChangeModelDeps,
  command: Command,
  id: string,
): Promise<ModelHistory> {
  const { administration } = command.actor;
  const read = await deps.records.transaction((tx) => tx.modelChoices(administration, id));
  const proposed = read.at(-1);
  const { active } = proposed?.state === 'proposed' ? proposed.terms : {};
  if (active !== undefined) await testExactly(deps.models, { id, ...active });
  return change(deps, command, id, 'activate model: confirm', (history, at) =>
    confirmedNext(command, history.at(-1), at),
  );
}

/**
 * Back to the version that was active before, by one person and at once.
 * @throws NII_STATE_CONFLICT where there is none; as `proposeModel`
 */
export async function rollBackModel(
  deps: ChangeModelDeps,
  command: Command,
  id: string,
): Promise<ModelHistory> {
  const { administration } = command.actor;
  const read = await deps.records.transaction((tx) => tx.modelChoices(administration, id));
  const before = standingOf(read).inForce?.terms.before;
  if (before !== undefined) await testExactly(deps.models, { id, ...before });
  return change(deps, command, id, 'roll back model', (history, at) => {
    const terms = standingOf(history).inForce?.terms;
    if (terms?.before === undefined)
      throw new NiiError(
        'NII_STATE_CONFLICT',
        `No version of "${id}" was active before: nothing to go back to`,
      );
    const next = { active: terms.before, ...defined({ shadow: terms.shadow }) };
    return writtenNext(command, history.length, next, { isLooser: false, at });
  });
}

/**
 * Lets a version look beside the active one, or none any more. What it says decides nothing, so one person does it.
 * @param version - undefined: none any more
 * @throws NII_STATE_CONFLICT where it is active; as `proposeModel`
 */
export async function shadowModel(
  deps: ChangeModelDeps,
  command: Command,
  id: string,
  version: string | undefined,
): Promise<ModelHistory> {
  const wanted = version === undefined ? undefined : await tested(deps.models, id, version);
  return change(deps, command, id, 'shadow model', (history, at) => {
    const { shadow: _, ...terms } = standingOf(history).inForce?.terms ?? {};
    if (wanted !== undefined && isSameModel(activeOf(deps.models, id, terms), wanted))
      throw new NiiError('NII_STATE_CONFLICT', `Version "${version}" of "${id}" is active: it has no shadow`);
    const next = { ...terms, ...defined({ shadow: wanted && named(wanted) }) };
    return writtenNext(command, history.length, next, { isLooser: false, at });
  });
}

/** @throws NII_NOT_FOUND; what loading and testing it throws */
async function tested(models: TestedModels, id: string, version: string): Promise<KnownModel> {
  const found = await models.find(id, version);
  if (found === undefined)
    throw new NiiError('NII_NOT_FOUND', `Model "${id}" has no version "${version}" here`);
  await models.test(found);
  return found;
}

function testExactly(models: TestedModels, one: Omit<KnownModel, 'waits'>): Promise<void> {
  return models.test({ ...one, waits: true });
}

function activeOf(
  { known }: Pick<TestedModels, 'known'>,
  id: string,
  { active }: ModelTerms,
): NamedModel | undefined {
  const newest = defaultVersion(known, id);
  return active ?? (newest && named(newest));
}

function named({ version, sha256 }: NamedModel): NamedModel {
  return { version, sha256 };
}

type Next = (history: ModelHistory, at: string) => Version<ModelTerms>;

function change(
  deps: Omit<ChangeModelDeps, 'models'>,
  command: Command,
  model: string,
  action: string,
  next: Next,
): Promise<ModelHistory> {
  const { administration } = command.actor;
  const write = () =>
    deps.records.transaction(async (tx) => {
      const earlier = await earlierAnswer(tx, command);
      // What was kept is an answer that this service wrote; it is read back as it is.
      if (earlier !== undefined) return earlier as ModelHistory;
      const history = await tx.modelChoices(administration, model);
      requireNewest(command, history.length, 'The model');
      requireAllSites(command.actor);
      const terms = next(history, deps.clock.now().toISOString());
      const value: StoredModelChoice = { administration, model, ...terms };
      await storeDerived(deps, tx, NO_SCAN, modelChoiceObject(value));
      await tx.putModelChoice(value);
      await tx.appendChange({ administration, site: ANY_SITE, kind: 'model.changed', subject: model });
      const { version, state, proposedBy, terms: detail } = value;
      const subject = `model ${model}`;
      await tx.audit({
        actor: command.actor,
        action,
        subject,
        detail: { version, state, ...defined({ proposedBy }), ...detail },
        site: ANY_SITE,
      });
      const changed = [...history, value];
      await keepAnswer(tx, command, changed);
      return changed;
    });
  return deps.records.exclusively(`model:${administration}:${model}`, write, OBJECTS_LOCK);
}

/** What scores the scans of every site is not decided at one of them. */
function requireAllSites({ site }: Actor): void {
  if (site === ANY_SITE) return;
  const detail = `Models score the scans of all sites, and this key is for site "${site}": use a key with site *`;
  throw new NiiError('NII_FORBIDDEN', detail);
}
