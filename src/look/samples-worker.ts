import { answerOnThread } from '../runtime/thread-answers.ts';
import { decodePlane } from '../stored/planes.ts';
import type { DecodeTask } from './samples.ts';

/** The decoding thread of samples.ts. */
answerOnThread(({ bytes, channel, name, limits }: DecodeTask) => decodePlane(bytes, channel, name, limits));
