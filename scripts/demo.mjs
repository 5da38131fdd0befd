/**
 * `npm run demo`: installs, builds, then runs `nii demo`. For JSON alone on stdout: `npm run --silent demo -- --json`
 * (without --silent npm prints a banner of its own there).
 */
import { launch } from './launch.mjs';

launch('demo');
