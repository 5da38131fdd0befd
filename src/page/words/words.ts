import { type Catalogue, en, type WordKey } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

export type { WordKey } from './en.ts';

/**
 * The sentences of the page in the language of the reader. `pseudo` is no language: English, longer and from right to
 * left, by which tests find what a layout does not bear.
 */
export const languages = { en: 'English', fr: 'Français', es: 'Español' } as const;
export type Language = keyof typeof languages | 'pseudo';

const pseudo = Object.fromEntries(
  Object.entries(en).map(([key, text]) => [key, `\u202e⟦${text} ${'·'.repeat(Math.ceil(text.length / 3))}⟧`]),
) as Record<WordKey, string>;

const catalogues: Readonly<Record<Language, Catalogue>> = { en, fr, es, pseudo };
const KEY = 'nii-language';

const isLanguage = (value: string | null | undefined): value is Language =>
  value !== null && value !== undefined && Object.hasOwn(catalogues, value);

/** As chosen in this browser, else the first that the browser asks for and we have, else English. */
export function chosenLanguage(stored: string | null, preferred: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  return preferred.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
}

let language: Language = 'en';

export const currentLanguage = (): Language => language;

/** Of numbers and dates: the tag of the browser where it is of the language that is shown, else the language itself. */
function currentLocale(): string {
  const shown = language === 'pseudo' ? 'en' : language;
  return window.navigator.languages.find((tag) => tag.slice(0, 2) === shown) ?? shown;
}

export const time = (iso: string): string =>
  new Date(iso).toLocaleString(currentLocale(), { dateStyle: 'medium', timeStyle: 'short' });

/** With as many digits after the point as are asked for, else as many as there are. */
export const number = (value: number, digits?: number): string =>
  value.toLocaleString(
    currentLocale(),
    digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits },
  );

/** Takes the stored choice; the page is drawn anew by who calls it. */
export function readLanguage(): Language {
  language = chosenLanguage(window.localStorage.getItem(KEY), window.navigator.languages);
  document.documentElement.lang = language === 'pseudo' ? 'en' : language;
  document.documentElement.dir = language === 'pseudo' ? 'rtl' : 'ltr';
  return language;
}

export function chooseLanguage(next: Language): void {
  window.localStorage.setItem(KEY, next);
  window.location.reload();
}

/** A sentence of a catalogue with its values filled in. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{([a-zA-Z]+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`));
}

export function words(key: WordKey, values: Readonly<Record<string, string | number>> = {}): string {
  return fill(catalogues[language][key], values);
}

/** The sentence of a key that came from the service, or the words of the service where this page has none. */
export function wordsOr(key: string, unless: string): string {
  return isWordKey(key) ? words(key) : unless;
}

const isWordKey = (key: string): key is WordKey => Object.hasOwn(en, key);
