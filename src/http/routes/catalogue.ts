import type { Static } from 'typebox';
import type { TestedModels } from '../../core/ports/inference.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import type { KnownModel, ModelState } from '../../core/rules/model-choice.ts';
import { modelStates } from '../../features/models/states.ts';
import { actorOf } from '../access.ts';
import { route } from '../route.ts';
import { ConverterList, ModelList } from '../schemas/answers.ts';

type ListedModel = Static<typeof ModelList>['items'][number];
type ListedConverter = Static<typeof ConverterList>['items'][number];

interface InstalledModel {
  readonly pkg: { readonly manifest: Omit<ListedModel, 'state'>; readonly waits: boolean };
}

interface InstalledConverter {
  readonly manifest: Omit<ListedConverter, 'formats'> & {
    readonly formats: readonly ListedConverter['formats'][number][];
  };
}

/** What is installed, as far as it is listed. */
export interface CatalogueDeps {
  readonly records: Transactions<Tx<'documentHistory'>>;
  readonly models: { readonly installed: readonly InstalledModel[] } & Pick<TestedModels, 'known'>;
  readonly converters: readonly InstalledConverter[];
}

export const catalogueRoutes = [
  route({
    id: 'listModels',
    method: 'GET',
    url: '/v1/models',
    tag: 'catalogue',
    right: 'any key',
    summary: 'List models',
    schema: { response: { 200: ModelList } },
    handler: (deps: Omit<CatalogueDeps, 'converters'>) => async (request) => {
      const stateOf = await modelStates(deps, actorOf(request));
      return { items: deps.models.installed.map((model) => presentModel(model, stateOf)) };
    },
  }),
  route({
    id: 'listConverters',
    method: 'GET',
    url: '/v1/converters',
    tag: 'catalogue',
    right: 'any key',
    summary: 'List supported formats',
    schema: { response: { 200: ConverterList } },
    handler: (deps: Pick<CatalogueDeps, 'converters'>) => async () => ({
      items: deps.converters.map(presentConverter),
    }),
  }),
];

function presentModel(
  { pkg: { manifest, waits } }: InstalledModel,
  stateOf: (model: KnownModel) => ModelState,
) {
  const { id, version, title, task, sha256, licence, reference } = manifest;
  return {
    id,
    version,
    title,
    task,
    sha256,
    licence,
    state: stateOf({ id, version, sha256, waits }),
    reference: { population: reference.population, count: reference.count },
  };
}

function presentConverter({ manifest }: InstalledConverter) {
  const { id, version, title, formats } = manifest;
  return { id, version, title, formats: [...formats] };
}
