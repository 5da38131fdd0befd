import { decodePlane } from './planes.ts';
import type { DecodeTask } from './samples.ts';
import { answerOnThread } from './thread-answers.ts';

/** The decoding thread of samples.ts. */
answerOnThread(({ bytes, channel, name, limits }: DecodeTask) => decodePlane(bytes, channel, name, limits));
