import type { ObjectWhat } from '../rows/object-what.ts';

/**
 * What an object is that was stored before its row said so: then only its key and its producer told it. The migration
 * 0008-objects says the same in SQL.
 */
export function whatOfBefore(kind: string, key: string, producer: string): ObjectWhat {
  const name = key.slice(key.lastIndexOf('/') + 1).replace(/\.[a-z]+$/, '');
  const model = producer.slice(producer.indexOf(':') + 1);
  switch (kind) {
    case 'manifest':
      return { kind, step: name === 'received' || name === 'converted' ? name : 'analysed' };
    case 'dicos':
      return { kind, instance: name };
    case 'map':
      return { kind, model };
    case 'tdr':
      return { kind, origin: originOfBefore(name, model) };
    default:
      return { kind } as ObjectWhat; // a kind of an earlier version, whose name says everything
  }
}

function originOfBefore(name: string, model: string): Extract<ObjectWhat, { kind: 'tdr' }>['origin'] {
  const place = name.lastIndexOf('-');
  const number = Number(name.slice(place + 1));
  if (name.startsWith('machine-')) return { kind: 'machine', model };
  if (name.startsWith('imported-')) return { kind: 'imported', number };
  return { kind: 'case', caseId: name.slice(0, Math.max(0, place)), seq: number };
}
