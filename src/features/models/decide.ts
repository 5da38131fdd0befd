import type { Command } from '../../commands/command.ts';
import {
  confirmedNext,
  type DecideDocumentDeps,
  type DecideDocumentTx,
  type DecidedDocument,
  decideDocument,
  requireAllSites,
  writtenNext,
} from '../../commands/decide-document.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { TestedModels } from '../../core/ports/inference.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import {
  defaultVersion,
  isSameModel,
  type KnownModel,
  type ModelHistory,
  type ModelTerms,
  type NamedModel,
  type StoredModelChoice,
} from '../../core/rules/model-choice.ts';
import type { Standing, Version } from '../../core/rules/version.ts';
import { modelChoiceDocument } from '../../stored/document-kinds.ts';

/** Which version of a model scores the scans of an administration. A new one takes two persons, the way back one. */

export interface ChangeModelDeps extends DecideDocumentDeps<DecideDocumentTx> {
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
  return decide(deps, command, id, 'activate model: propose', ({ inForce, newest }, at) => {
    const terms = inForce?.terms ?? {};
    const before = activeOf(deps.models, id, terms);
    if (isSameModel(before, wanted))
      throw new NiiError('NII_STATE_CONFLICT', `Version "${version}" of "${id}" is already active`);
    const shadow = isSameModel(terms.shadow, wanted) ? undefined : terms.shadow;
    const next = { active: named(wanted), ...defined({ before, shadow }) };
    return writtenNext(command, newest, next, { isLooser: true, at });
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
  const { newest: proposed } = await standingOf(deps, command, id);
  const { active } = proposed?.state === 'proposed' ? proposed.terms : {};
  if (active !== undefined) await testExactly(deps.models, { id, ...active });
  return decide(deps, command, id, 'activate model: confirm', ({ newest }, at) =>
    confirmedNext(command, newest, at),
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
  const before = (await standingOf(deps, command, id)).inForce?.terms.before;
  if (before !== undefined) await testExactly(deps.models, { id, ...before });
  return decide(deps, command, id, 'roll back model', ({ inForce, newest }, at) => {
    const terms = inForce?.terms;
    if (terms?.before === undefined)
      throw new NiiError('NII_STATE_CONFLICT', `"${id}" has no earlier active version to roll back to`);
    const next = { active: terms.before, ...defined({ shadow: terms.shadow }) };
    return writtenNext(command, newest, next, { isLooser: false, at });
  });
}

/**
 * Starts or stops a shadow version. Its results decide nothing, so one person is enough.
 * @param version - undefined: stop the shadow version
 * @throws NII_STATE_CONFLICT where it is active; as `proposeModel`
 */
export async function shadowModel(
  deps: ChangeModelDeps,
  command: Command,
  id: string,
  version: string | undefined,
): Promise<ModelHistory> {
  const wanted = version === undefined ? undefined : await tested(deps.models, id, version);
  return decide(deps, command, id, 'shadow model', ({ inForce, newest }, at) => {
    const { shadow: _, ...terms } = inForce?.terms ?? {};
    if (wanted !== undefined && isSameModel(activeOf(deps.models, id, terms), wanted))
      throw new NiiError(
        'NII_STATE_CONFLICT',
        `Version "${version}" of "${id}" is active and cannot be the shadow version`,
      );
    const next = { ...terms, ...defined({ shadow: wanted && named(wanted) }) };
    return writtenNext(command, newest, next, { isLooser: false, at });
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

function documentOf({ actor }: Command, model: string): DecidedDocument<StoredModelChoice> {
  return {
    kind: modelChoiceDocument,
    path: [actor.administration, model],
    title: 'The model',
    change: { kind: 'model.changed', subject: () => model },
    subject: () => `model ${model}`,
  };
}

function standingOf(
  { records }: { readonly records: Transactions<Tx<'documentStanding'>> },
  command: Command,
  model: string,
): Promise<Standing<StoredModelChoice>> {
  const { kind, path } = documentOf(command, model);
  return records.transaction((tx) => tx.documentStanding(kind, path));
}

function decide(
  deps: DecideDocumentDeps<DecideDocumentTx>,
  command: Command,
  model: string,
  action: string,
  next: (standing: Standing<StoredModelChoice>, at: string) => Version<ModelTerms>,
): Promise<ModelHistory> {
  const document = documentOf(command, model);
  const { administration } = command.actor;
  const step = {
    action,
    next: (_: unknown, standing: Standing<StoredModelChoice>, at: string) => {
      requireAllSites(command.actor, 'Models score the scans of all sites');
      const value: StoredModelChoice = { administration, model, ...next(standing, at) };
      return { value, detail: { ...defined({ proposedBy: value.proposedBy }), ...value.terms } };
    },
  };
  return decideDocument(deps, command, document, step, (tx) =>
    tx.documentHistory(document.kind, document.path),
  );
}
