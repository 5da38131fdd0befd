/**
 * `npm run check`: what to run after every change. Types, style, layers and the unit tests, beside one another. Tests
 * that search try less than in `npm test`. A minute on two cores, and less when little has changed. Needs nothing but
 * what npm installs. Names the parts of the long run that are overdue, which fails nothing.
 */
import { ensureInstalled, requireNode, root } from './launch.mjs';
import {
  checks,
  keepModules,
  overdue,
  passInterruptionsOn,
  printStep,
  runCommand,
  runStep,
  vitest,
} from './steps.mjs';

requireNode();
process.chdir(root);
passInterruptionsOn();
ensureInstalled();
const started = Date.now();
const steps = [
  ['unit', vitest(['unit'], [keepModules])],
  ['typecheck', checks.typecheck],
  ['page-types', checks['page-types']],
  ['lint', checks.lint],
  ['layers', checks.layers],
];
const listing = runCommand(overdue);
const env = { NII_TEST_SEARCH: 'glance' };
const verdicts = await Promise.all(steps.map(([name, command]) => runStep(name, command, { env })));
const { output } = await listing;
if (output !== '') console.log(output.trimEnd());
const ok = verdicts.every(Boolean);
printStep('check', ok ? 'ok' : 'FAILED', started);
process.exitCode = ok ? 0 : 1;
