import { describe, expect, test } from 'vitest';
import {
  type AccessKey,
  daysLeft,
  defaultKeyEnd,
  endingKeys,
  mayAdminister,
} from '../../../src/core/access.ts';
import { merged, newPerson, withKey, withSite } from '../../../src/core/person/changes.ts';

describe('an administrator', () => {
  const places = [undefined, '*', 'harbour', 'airport'];
  test.each([
    ['*', places],
    ['harbour', ['harbour']],
    ['airport', ['airport']],
    ['station', []],
  ])('of site %s administers %j', (site, own) => {
    const actor = { administration: 'utopia', site };
    const may = (administration: string) =>
      places.filter((place) => mayAdminister(actor, { administration, site: place }));
    expect(may('utopia')).toEqual(own);
    expect(may('elsewhere')).toEqual([]);
  });
});

describe('the site of a person', () => {
  const person = newPerson('0123456789abcdef', 'utopia', 'Ann', 'unlinked');
  test('is that of the first key, and all sites from the second site on', () => {
    const one = withKey(person, { keyId: 'a', site: 'harbour' });
    expect(one).toMatchObject({ site: 'harbour', version: 2 });
    expect(withKey(one, { keyId: 'b', site: 'harbour' })).toMatchObject({ site: 'harbour' });
    expect(withKey(one, { keyId: 'b', site: 'airport' })).toMatchObject({ site: '*' });
    expect(withSite(one, 'harbour')).toBe(one);
    expect(withSite(one, 'airport')).toMatchObject({ site: '*', version: 3 });
  });

  test('is all sites if version 0.2.0 stored the person, with a key and without a site', () => {
    const stored = { ...person, keys: ['a'] };
    expect(withKey(stored, { keyId: 'b', site: 'harbour' })).toMatchObject({ site: '*' });
    expect(withSite({ ...person, identities: [{ issuer: 'i', subject: 's' }] }, 'harbour').site).toBe('*');
  });

  test('is that of both persons if one is merged into the other', () => {
    const other = { ...newPerson('fedcba9876543210', 'utopia', 'A.', 'unlinked'), site: 'airport' };
    expect(merged({ ...person, site: 'harbour' }, other).person.site).toBe('*');
    expect(merged({ ...person, site: 'airport' }, other).person.site).toBe('airport');
    expect(merged(person, other).person.site).toBe('airport');
  });
});

describe('a key', () => {
  const now = new Date('2026-05-01T08:00:00.000Z');
  const key = (keyId: string, over: Partial<AccessKey>): AccessKey => ({
    ...{ keyId, administration: 'utopia', site: 'harbour', roles: ['lane'], name: 'x', secretSha256: '' },
    createdAt: '2026-01-01T00:00:00.000Z',
    ...over,
  });

  test('ends after a year by default, and says how long that is', () => {
    const endsAt = defaultKeyEnd(now);
    expect(endsAt).toBe('2027-05-01T08:00:00.000Z');
    expect(daysLeft({ endsAt }, now)).toBe(365);
    expect(daysLeft({ endsAt }, new Date('2027-05-01T07:59:00.000Z'))).toBe(0);
    expect(daysLeft({ endsAt }, new Date('2028-01-01T00:00:00.000Z'))).toBe(0);
    expect(daysLeft(key('a', {}), now)).toBeUndefined();
  });

  test('is named before it ends, from 30 days on', () => {
    const keys = [
      key('endless', {}),
      key('over', { endsAt: '2026-05-01T08:00:00.000Z' }),
      key('soon', { endsAt: '2026-05-31T07:59:59.000Z' }),
      key('later', { endsAt: '2026-05-31T08:00:00.000Z' }),
      key('revoked', { endsAt: '2026-05-02T08:00:00.000Z', revokedAt: '2026-04-01T00:00:00.000Z' }),
    ];
    expect(endingKeys(keys, now).map(({ keyId }) => keyId)).toEqual(['soon']);
  });
});
