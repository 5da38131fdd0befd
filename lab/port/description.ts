import { readFileSync } from 'node:fs';
import { type Description, type Operation, readDescription } from '../http-fuzz/description.ts';

const file = new URL('../../schemas/openapi.json', import.meta.url);

/** What the service publishes of itself. */
export const description: Description = readDescription(JSON.parse(readFileSync(file, 'utf8')));

/** Everything that changes something. */
export const mutating: readonly Operation[] = description.operations.filter(({ method }) => method !== 'GET');
