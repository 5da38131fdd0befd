import { useCallback } from 'react';
import { api, bodyOf, type Hold } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { useRecord } from '../case/loading/record.ts';

/** What an officer can choose as evidence, from the declarations of the vehicle. */
export interface Declared {
  readonly reference: readonly string[];
  readonly goodsHs: readonly string[];
}

const nothing: Declared = { reference: [], goodsHs: [] };

/** @returns nothing before the answer, and where no container is known */
export function useDeclared({ containers, join }: Hold): Declared {
  const record = useRecord(join.kind === 'joined' ? join.scanId : undefined, 'latest');
  const ofScan = (record?.units ?? []).flatMap((unit) => unit.containers.map(({ value }) => value));
  const key = [...new Set([...containers, ...ofScan])].join('\n');
  const ask = useCallback(() => declaredFor(key === '' ? [] : key.split('\n')), [key]);
  return useQuery(ask).value ?? nothing;
}

async function declaredFor(containers: readonly string[]): Promise<Declared> {
  const lists = await Promise.all(
    containers.map(async (container) => {
      const params = { query: { container } };
      return bodyOf(await api.GET('/v1/declarations', { params })).items;
    }),
  );
  const declarations = lists.flat();
  return {
    reference: [...new Set(declarations.map(({ ref }) => ref))],
    goodsHs: [...new Set(declarations.flatMap(({ body }) => body.hsCodes ?? []))],
  };
}
