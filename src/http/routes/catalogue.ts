import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { typed } from '../context.ts';
import { ConverterList, ModelList } from '../schemas/answers.ts';
import { at } from './table.ts';

type ListedModel = Static<typeof ModelList>['items'][number];
type ListedConverter = Static<typeof ConverterList>['items'][number];

interface InstalledModel {
  readonly pkg: { readonly manifest: ListedModel };
}

interface InstalledConverter {
  readonly manifest: Omit<ListedConverter, 'formats'> & {
    readonly formats: readonly ListedConverter['formats'][number][];
  };
}

/** What is installed, as far as it is listed. */
export interface CatalogueDeps {
  readonly models: readonly InstalledModel[];
  readonly converters: readonly InstalledConverter[];
}

export function catalogueRoutes(app: FastifyInstance, deps: CatalogueDeps): void {
  const routes = typed(app);
  routes.route({
    ...at('listModels'),
    schema: { response: { 200: ModelList } },
    handler: async () => ({ items: deps.models.map(presentModel) }),
  });
  routes.route({
    ...at('listConverters'),
    schema: { response: { 200: ConverterList } },
    handler: async () => ({ items: deps.converters.map(presentConverter) }),
  });
}

function presentModel({ pkg: { manifest } }: InstalledModel) {
  const { id, version, title, task, sha256, licence, reference } = manifest;
  return {
    id,
    version,
    title,
    task,
    sha256,
    licence,
    reference: { population: reference.population, count: reference.count },
  };
}

function presentConverter({ manifest }: InstalledConverter) {
  const { id, version, title, formats } = manifest;
  return { id, version, title, formats: [...formats] };
}
