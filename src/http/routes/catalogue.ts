import type { FastifyInstance } from 'fastify';
import type { Deps } from '../../deps.ts';
import { type RouteContext, typed } from '../context.ts';
import { ConverterList, ModelList } from '../schemas/answers.ts';
import { at } from './table.ts';

export function catalogueRoutes(app: FastifyInstance, { deps }: RouteContext): void {
  const routes = typed(app);
  routes.route({
    ...at('listModels'),
    schema: { response: { 200: ModelList } },
    handler: async () => ({ items: deps.models.map(shownModel) }),
  });
  routes.route({
    ...at('listConverters'),
    schema: { response: { 200: ConverterList } },
    handler: async () => ({ items: deps.converters.map(shownConverter) }),
  });
}

function shownModel({ pkg: { manifest } }: Deps['models'][number]) {
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

function shownConverter({ manifest }: Deps['converters'][number]) {
  const { id, version, title, formats } = manifest;
  return { id, version, title, formats: [...formats] };
}
