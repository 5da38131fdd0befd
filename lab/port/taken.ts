/** A request that was sent, read as what it says. */
import type { Hold } from '../../src/core/radiation/hold.ts';
import type { Json } from '../http-fuzz/json.ts';
import type { PathValues } from '../http-fuzz/paths.ts';
import type { By, Seconds } from './history.ts';
import type { Answer } from './port.ts';
import type { Request, World } from './world.ts';

export interface Taken {
  readonly world: World;
  readonly request: Request;
  readonly answer: Answer;
  readonly values: PathValues;
  readonly body: Json;
  readonly query: URLSearchParams;
  readonly base: { readonly at: Seconds; readonly accepted: true; readonly by: By };
  /** As it was before the request. */
  readonly hold: Hold | undefined;
}
