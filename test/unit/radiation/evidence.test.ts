import { describe, expect, it } from 'vitest';
import { isNiiError } from '../../../src/core/errors.ts';
import type { Adjudication } from '../../../src/core/radiation/adjudication.ts';
import type { Hold, RadiationJoin } from '../../../src/core/radiation/hold.ts';
import { naturallyRadioactive } from '../../../src/core/radiation/natural-goods.ts';
import { isOneOf } from '../../../src/core/radiation/nuclides.ts';
import { isRadioactive } from '../../../src/core/trade/class-7.ts';
import { type Evidence, requireEvidence, scanOfVehicle } from '../../../src/triage/holds/evidence.ts';
import { joinByHand } from '../../../src/triage/holds/hand-join.ts';
import { openHold } from '../../../src/triage/radiation.ts';
import { declaration, declaredVehicle } from '../../support/radiation/declared-vehicle.ts';

const rita = { actor: 'rita', isLinked: true, at: '2026-01-02T03:05:00.000Z' };
const rolf = { ...rita, actor: 'rolf' };
const opening = {
  id: 'h1',
  administration: 'xx',
  site: 'port-a',
  scanId: 'portal-1',
  recordId: 'occupancy-1',
  openedAt: '2026-01-02T03:00:00.000Z',
};
const open = (join: RadiationJoin = { kind: 'none', why: 'none near' }): Hold =>
  openHold(opening, { revision: 1, alarms: [{ category: 'gamma' }], containers: ['MSKU1234565'] }, join);

const identification = { nuclides: ['Cs-137'], by: 'riid' } as const;
const source = { decision: 'innocent', basis: 'declared-source', reference: 'L-7', identification } as const;
const norm = {
  decision: 'innocent',
  basis: 'norm',
  goodsHs: '6907',
  identification: { nuclides: ['K-40'], by: 'riid' },
} as const;
const medical = {
  decision: 'innocent',
  basis: 'medical',
  person: 'the driver',
  identification: { nuclides: ['Tc-99m'], by: 'riid', spectrum: { scanId: 's', sha256: 'a'.repeat(64) } },
} as const;
const nothing = { decision: 'false', secondaryInspection: 'nothing-found' } as const;

/** Whether it is shown by more than the officer's word, or the field that is rejected. */
function judged(given: object, evidence: Partial<Evidence> = {}, move = rita): boolean | string | undefined {
  // Every case below is one of the schema
  const said = given as Adjudication;
  try {
    return requireEvidence(said, { hold: open(), evidence: { ...declaredVehicle, ...evidence }, move });
  } catch (error) {
    if (isNiiError(error, 'NII_BAD_REQUEST')) return error.field;
    throw error;
  }
}

const statedBy = (...ids: string[]) => {
  const stated = { ...declaration, statedBy: ids };
  return { declarations: [stated], named: stated };
};
const unknown: Partial<Evidence> = { declarations: [] };
const { named: _, ...unnamed } = declaredVehicle;
const { spectrum: __, ...unmeasured } = declaredVehicle;
const spectrum = (more: object) => ({ spectrum: { ...declaredVehicle.spectrum!, ...more } });

describe('the table of evidence', () => {
  it.each<[string, object, Partial<Evidence> | undefined, boolean | string]>([
    ['a declared source of the vehicle', source, undefined, true],
    ['a source in no declaration of the vehicle', source, unknown, 'reference'],
    ['a source that the officer declared', source, statedBy('customs', 'rita'), 'reference'],
    [
      'a source with nothing identified',
      { ...source, identification: undefined },
      undefined,
      'identification',
    ],
    ['a source beside a nuclide of the portal', source, { portalNuclides: ['Co-60'] }, 'identification'],
    ['declared tiles', norm, undefined, true],
    ['declared tiles by a longer code', { ...norm, goodsHs: '69072100' }, undefined, true],
    ['tiles of another vehicle', norm, unknown, 'goodsHs'],
    ['granite where tiles are declared', { ...norm, goodsHs: '2516' }, undefined, 'goodsHs'],
    ['uranium ore as natural goods', { ...norm, goodsHs: '2612' }, undefined, 'goodsHs'],
    ['tiles that the officer declared', norm, statedBy('rita'), 'goodsHs'],
    ['tiles beside caesium of the portal', norm, { portalNuclides: ['Cs-137'] }, 'basis'],
    ['tiles beside potassium of the portal', norm, { portalNuclides: ['K-40', 'none'] }, true],
    ['a patient whose nuclide the instrument named', medical, undefined, true],
    ['a patient in a spectrum without a name', medical, spectrum({ nuclides: [] }), false],
    ['a patient in a file without a spectrum', medical, spectrum({ isMeasured: false }), 'identification'],
    [
      'a patient measured before',
      medical,
      spectrum({ receivedAt: '2026-01-02T02:00:00Z' }),
      'identification',
    ],
    ['a patient beside cobalt of the portal', medical, { portalNuclides: ['Co-60'] }, 'basis'],
    ['the word of one that nothing was found', nothing, undefined, false],
    ['the word of one that it was a test', { decision: 'test-or-maintenance' }, undefined, false],
    ['a real alarm', { decision: 'real' }, undefined, true],
  ])('%s', (_name, given, evidence, expected) => {
    expect(judged(given, evidence)).toBe(expected);
  });

  it('has no unknown declaration, and a patient has a spectrum', () => {
    const asked = { hold: open(), move: rita };
    const given = (one: object) => one as Adjudication;
    expect(() => requireEvidence(given(source), { ...asked, evidence: unnamed })).toThrow(
      /Unknown declaration "L-7"/,
    );
    const unshown = given({ ...medical, identification: { nuclides: ['Tc-99m'], by: 'riid' } });
    expect(() => requireEvidence(unshown, { ...asked, evidence: unmeasured })).toThrow(/Missing/);
  });

  it('counts nobody as another whom no administrator has linked', () => {
    expect(judged(norm, {}, { ...rita, isLinked: false })).toBe('goodsHs');
  });
});

describe('the scan whose declarations count', () => {
  const byTime: RadiationJoin = {
    kind: 'joined',
    scanId: 's1',
    by: 'time',
    secondsApart: 5,
    timeFrom: 'file',
  };
  it('is one of a strong mark, and one that two officers have joined', () => {
    expect(scanOfVehicle(open({ ...byTime, by: 'container' }))).toBe('s1');
    expect(scanOfVehicle(open(byTime)), 'a time is a guess').toBeUndefined();
    const proposed = joinByHand(open(), { scan: { scanId: 's1', secondsApart: 60 } }, 'seen', rita);
    expect(scanOfVehicle(proposed)).toBeUndefined();
    expect(
      scanOfVehicle(joinByHand(proposed, { scan: { scanId: 's1', secondsApart: 60 } }, 'seen', rolf)),
    ).toBe('s1');
  });
});

describe('the published tables', () => {
  it('have goods that are known to be naturally radioactive, and no others', () => {
    for (const hs of ['6907', '690721', '2516', '31042010', '283421', '2508'])
      expect(naturallyRadioactive(hs), hs).toBeDefined();
    for (const hs of ['0901', '2612', '2844', '0803', '2834', '283429', '69'])
      expect(naturallyRadioactive(hs), hs).toBeUndefined();
  });

  it('have the UN numbers of class 7', () => {
    for (const un of ['2908', '2919', '2977', '2978', '3321', '3333'])
      expect(isRadioactive(un), un).toBe(true);
    for (const un of ['2907', '2914', '2918', '2979', '3320', '3334', '1203'])
      expect(isRadioactive(un), un).toBe(false);
  });

  it('know a nuclide by what it decays to, and not the other way round', () => {
    expect(isOneOf('Tc99m', ['Mo-99'])).toBe(true);
    expect(isOneOf('137Cs', ['CS 137'])).toBe(true);
    expect(isOneOf('Mo-99', ['Tc-99m'])).toBe(false);
  });
});
