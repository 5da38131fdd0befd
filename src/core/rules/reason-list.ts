import type { VerdictKind } from '../case/case.ts';
import type { ReasonTerms } from './reasons.ts';

/** What a reason is called. */
interface Labelled {
  readonly code: string;
  readonly labels: readonly { readonly language: string; readonly text: string }[];
}

/** @param languages - tags, the best first; a part of a language (fr-CA) takes the language (fr), and none of them English */
export function labelOf(
  reasons: readonly Labelled[],
  code: string,
  languages: readonly (string | undefined)[],
): string {
  const labels = reasons.find((one) => one.code === code)?.labels ?? [];
  const wanted = [...languages, 'en'].flatMap((tag) =>
    tag === undefined ? [] : [tag.toLowerCase(), mainOf(tag)],
  );
  for (const tag of wanted) {
    const label = labels.find(({ language }) => language.toLowerCase() === tag);
    if (label !== undefined) return label.text;
  }
  return labels[0]?.text ?? code;
}

function mainOf(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? tag;
}

/** The reasons that a verdict may have: those that everybody has, and those of an administration. */

export interface Reason extends ReasonTerms {
  readonly usualFor: readonly VerdictKind[];
  readonly isBuiltIn: boolean;
}

const languages = ['en', 'fr', 'es'] as const;

function builtIn(code: string, texts: readonly [string, string, string], usualFor?: VerdictKind): Reason {
  const labels = texts.map((text, i) => ({ language: languages[i] ?? 'en', text }));
  return {
    code,
    labels,
    state: 'active',
    usualFor: usualFor === undefined ? [] : [usualFor],
    isBuiltIn: true,
  };
}

const everywhere: readonly Reason[] = [
  builtIn('nothing-unusual', ['Nothing unusual', 'Rien d’inhabituel', 'Nada inusual'], 'normal'),
  builtIn('shape', ['Shape', 'Forme', 'Forma']),
  builtIn('density', ['Density', 'Densité', 'Densidad'], 'suspect'),
  builtIn('material', ['Material', 'Matière', 'Material']),
  builtIn('manifest-mismatch', [
    'Does not match the declaration',
    'Ne correspond pas à la déclaration',
    'No coincide con la declaración',
  ]),
  builtIn('structure', [
    'Structure of the container or vehicle',
    'Structure du conteneur ou du véhicule',
    'Estructura del contenedor o del vehículo',
  ]),
  builtIn('image-quality', ['Image quality', 'Qualité de l’image', 'Calidad de la imagen'], 'inconclusive'),
  builtIn('partial-scan', ['Partial scan', 'Scan partiel', 'Escaneo parcial'], 'scan-again'),
  builtIn('person-in-danger', [
    'A person in the vehicle or in danger',
    'Une personne dans le véhicule ou en danger',
    'Una persona en el vehículo o en peligro',
  ]),
  builtIn('other', ['Other', 'Autre', 'Otro']),
];

/** The program goes by the first, and something must be left to say. */
export const neverRetired: readonly string[] = ['person-in-danger', 'other'];

/** What an administration wrote of a built-in code comes first; its own codes stand before `other`. */
export function reasonsOf(own: readonly ReasonTerms[] = []): readonly Reason[] {
  const taken = new Set(own.flatMap(({ usualFor = [], state }) => (state === 'active' ? usualFor : [])));
  const changed = everywhere.map((one) => {
    const said = own.find(({ code }) => code === one.code);
    const usualFor = said?.usualFor ?? one.usualFor.filter((kind) => !taken.has(kind));
    if (said === undefined) return { ...one, usualFor };
    const kept = one.labels.filter(
      ({ language }) => !said.labels.some((label) => label.language === language),
    );
    return { ...one, state: said.state, usualFor, labels: [...said.labels, ...kept] };
  });
  const added = own
    .filter(({ code }) => !everywhere.some((one) => one.code === code))
    .map((one) => ({ ...one, usualFor: one.usualFor ?? [], isBuiltIn: false }));
  const last = changed.filter(({ code }) => code === 'other');
  return [...changed.filter((one) => !last.includes(one)), ...added, ...last];
}
