import { writeFileSync } from 'node:fs';

/** Prints what a test measured, and gives it to the ledger where this is a slice of `npm run long`. */
export function noteFigures(what: string, figures: object): void {
  console.info(`${what} ${JSON.stringify(figures)}`);
  const file = process.env.NII_TEST_FIGURES;
  if (file !== undefined) writeFileSync(file, JSON.stringify(figures));
}
