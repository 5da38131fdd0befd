import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options of a measuring script. `--help` prints the comment at the script's beginning, which is its manual, and
 * ends. So does a wrong option, after it is named, with exit code 2.
 */
export function optionsOf<const T extends Options>(script: string, options: T) {
  try {
    if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
      console.log(manualOf(script));
      process.exit(0);
    }
    return parseArgs({ options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${manualOf(script)}`);
    process.exit(2);
  }
}

/** A whole number from `least` to `most`, given as the option `name`; ends the script with exit code 2 for anything else. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
  return reject(`Invalid --${name} "${text}": use a whole number from ${least} to ${most}`);
}

/** One of the words that are allowed for the option `name`; ends the script with exit code 2 for any other. */
export function oneOf<const Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text);
  return word ?? reject(`Invalid --${name} "${text}": use ${words.join(' or ')}`);
}

function reject(why: string): never {
  console.error(why);
  process.exit(2);
}

function manualOf(script: string): string {
  const source = readFileSync(fileURLToPath(script), 'utf8');
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? '';
  return comment.replaceAll(/^ \* ?/gm, '');
}
