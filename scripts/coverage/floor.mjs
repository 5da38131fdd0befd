import { percentOf } from './rooms.mjs';

/** The floors after this run: whole percents, so that a line more or less in a race is no fall. None is lowered. */
export function raiseFloor(rooms, floor) {
  return Object.fromEntries(
    Object.entries(rooms).map(([room, counts]) => [
      room,
      Math.max(floor[room] ?? 0, Math.floor(percentOf(counts))),
    ]),
  );
}

/** A line for each room that is below its floor, or has none yet. */
export function compareWithFloor(rooms, floor) {
  return Object.entries(rooms).flatMap(([room, counts]) => {
    const percent = percentOf(counts);
    if (floor[room] === undefined) return [`${room} has no floor yet: run npm run coverage -- --raise`];
    return percent < floor[room]
      ? [`${room} is covered by ${percent.toFixed(1)} %, below its floor of ${floor[room]} %`]
      : [];
  });
}
