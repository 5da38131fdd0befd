import { describe, expect, test } from 'vitest';
import { placeOfGroups, readGroups } from '../../../../src/core/sign-in/groups.ts';

const place = { roles: ['analyst'], administration: 'utopia', site: 'harbour' };

describe('a file of groups that is malformed is rejected with the wrong value and what is allowed', () => {
  test.each<[string, string, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['a list', '[]', /not an object/],
    ['no group', '{}', /0 groups: name 1 to 1000/],
    ['no place', JSON.stringify({ g: 1 }), /administration \(none\) of group "g"/],
    [
      'a misspelt field',
      JSON.stringify({ g: { ...place, sites: 'x' } }),
      /field "sites" of group "g": use roles, /,
    ],
    [
      'an administration',
      JSON.stringify({ g: { ...place, administration: 'Utopia' } }),
      /"Utopia" of group "g"/,
    ],
    [
      'a site',
      JSON.stringify({ g: { ...place, site: 'a b' } }),
      /site "a b" of group "g": use .* or \* for all/,
    ],
    [
      'no roles',
      JSON.stringify({ g: { ...place, roles: [] } }),
      /roles \[\] of group "g": use a list of analyst, /,
    ],
    [
      'a role',
      JSON.stringify({ g: { ...place, roles: ['boss'] } }),
      /role "boss" of group "g": use analyst, /,
    ],
    [
      'a role of machines',
      JSON.stringify({ g: { ...place, roles: ['scanner'] } }),
      /role "scanner" of group "g"/,
    ],
  ])('%s', (_, text, detail) => {
    expect(() => readGroups(text)).toThrow(expect.objectContaining({ code: 'NII_CONFIG' }));
    expect(() => readGroups(text)).toThrow(detail);
  });
});

describe('groups', () => {
  const map = readGroups(
    JSON.stringify({
      a: place,
      b: { ...place, roles: ['supervisor', 'analyst'] },
      c: { ...place, site: '*' },
    }),
  );

  test('of one place give all their roles, once, whatever their order', () => {
    const both = { ...place, roles: ['analyst', 'supervisor'] };
    for (const groups of [
      ['b', 'a', 'of others'],
      ['a', 'b', 'a'],
    ])
      expect(placeOfGroups(groups, map)).toEqual(both);
  });

  test('that the file does not name, or of two places, let nobody in', () => {
    for (const groups of [[], ['of others'], ['a', 'c'], ['__proto__']])
      expect(() => placeOfGroups(groups, map)).toThrow(
        expect.objectContaining({ code: 'NII_SIGN_IN_FAILED' }),
      );
  });
});
