/** `npm run bench`: installs, builds, then runs `nii bench`. For JSON alone on stdout: `npm run --silent bench -- --json`. */
import { launch } from './launch.mjs';

launch('bench');
