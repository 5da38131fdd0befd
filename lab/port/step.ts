import type { Hostile } from './acts/hostile.ts';
import { storyLine } from './story.ts';
import { readRequest, toEvents } from './translate.ts';
import type { Request, World } from './world.ts';

/** Sends a request and writes down what happened. @returns it in words */
export async function step(world: World, hostile: Hostile | undefined, request: Request): Promise<string> {
  const read = await readRequest(world, request);
  const answer = await world.send(request);
  hostile?.learn({ method: request.method, target: request.url }, answer);
  const { location } = answer.headers;
  if (request.operation === 'beginResumable' && location !== undefined)
    world.begunUploads.push({ url: new URL(location, 'http://here').pathname, by: request.by });
  const events = await toEvents({ ...read, answer });
  world.events.push(...events);
  return storyLine(world, request, answer);
}
