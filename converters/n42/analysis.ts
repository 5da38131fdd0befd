import type { AlarmCategory, Nuclide, RadiationAlarm, Sdk, XmlNode } from '../../src/sdk/sdk.ts';
import { allOf, attributeOf, numberIn, optional, textOf, word } from './nodes.ts';

const ALARMS_CEILING = 256;
const NUCLIDES_CEILING = 256;

/** RadAlarmCategoryCode of the standard, and what portals write beside it. */
const listed = new Map<string, AlarmCategory>(
  Object.entries({
    Alpha: 'alpha',
    Beta: 'beta',
    Gamma: 'gamma',
    Neutron: 'neutron',
    Isotope: 'isotope',
    Other: 'other',
  }),
);
const unlisted = new Map<string, AlarmCategory>(
  Object.entries({ 'gamma-neutron': 'gamma-neutron', test: 'test' }),
);

/** Alarms beyond the ceiling hold as those before them do; they are named in a warning. */
export function alarmsOf(root: XmlNode, sdk: Sdk): readonly RadiationAlarm[] {
  const nodes = allOf(root, 'RadAlarm');
  if (nodes.length > ALARMS_CEILING) {
    const message = `${nodes.length - ALARMS_CEILING} further alarms are in the original only`;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'RadAlarm', message });
  }
  const alarms = nodes.map((node) => alarmOf(node, sdk));
  const isTest = ({ category }: RadiationAlarm) => category === 'test';
  // A test holds nothing, so that no number of them pushes out an alarm that does
  const kept =
    alarms.length > ALARMS_CEILING
      ? alarms.toSorted((a, b) => Number(isTest(a)) - Number(isTest(b)))
      : alarms;
  return kept.slice(0, ALARMS_CEILING);
}

function alarmOf(node: XmlNode, sdk: Sdk): RadiationAlarm {
  const written = textOf(node, 'RadAlarmCategoryCode');
  const description = textOf(node, 'RadAlarmDescription');
  const at = textOf(node, 'RadAlarmDateTime');
  const detectors = (attributeOf(node, 'radDetectorInformationReferences') ?? '')
    .split(/\s+/)
    .filter((id) => id !== '');
  return {
    category: categoryOf(written, sdk),
    ...optional('written', word(written)),
    ...optional('description', description === undefined ? undefined : sdk.clip(description)),
    ...optional('at', at === undefined ? undefined : sdk.timeText(at)),
    ...(detectors.length === 0
      ? {}
      : { detectors: detectors.slice(0, ALARMS_CEILING).map((id) => id.slice(0, 256)) }),
  };
}

function categoryOf(written: string | undefined, sdk: Sdk): AlarmCategory {
  const category = listed.get(written ?? '');
  if (category !== undefined) return category;
  sdk.warn('NII_W_ALARM_CATEGORY', { field: 'RadAlarmCategoryCode', value: written ?? '' });
  return unlisted.get((written ?? '').toLowerCase().replaceAll(/[\s_]+/g, '-')) ?? 'other';
}

export function nuclidesOf(root: XmlNode, sdk: Sdk): readonly Nuclide[] {
  return allOf(root, 'Nuclide')
    .slice(0, NUCLIDES_CEILING)
    .flatMap((node) => nuclideOf(node, sdk));
}

function nuclideOf(node: XmlNode, sdk: Sdk): readonly Nuclide[] {
  const name = word(textOf(node, 'NuclideName'));
  if (name === undefined) return [];
  const identified = textOf(node, 'NuclideIdentifiedIndicator');
  const confidence = textOf(node, 'NuclideIDConfidenceValue');
  return [
    {
      name,
      ...optional(
        'identified',
        identified === undefined ? undefined : !/^(?:false|0)$/i.test(identified.trim()),
      ),
      ...optional('category', word(textOf(node, 'NuclideCategoryDescription'))),
      ...optional('confidence', numberIn(confidence, 'NuclideIDConfidenceValue', sdk, true)),
      ...optional('confidenceText', word(textOf(node, 'NuclideIDConfidenceDescription'))),
      ...optional(
        'activityBecquerel',
        numberIn(textOf(node, 'NuclideActivityValue'), 'NuclideActivityValue', sdk),
      ),
    },
  ];
}
