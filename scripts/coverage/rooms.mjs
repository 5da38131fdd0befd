/** The room of a file: the first folder below src/, `src` for the files of start-up, or `converters`. */
function roomOf(name) {
  const [top, room, ...rest] = name.split('/');
  return top === 'src' && rest.length > 0 ? room : top;
}

/** Lines and lines that ran by room, and of all. @param files lines and counts by path */
export function countRooms(files) {
  const rooms = new Map();
  for (const [name, lines] of files) {
    const counts = [...lines.values()];
    for (const room of [roomOf(name), 'all']) {
      const before = rooms.get(room) ?? { lines: 0, ran: 0 };
      const ran = counts.filter((count) => count > 0).length;
      rooms.set(room, { lines: before.lines + counts.length, ran: before.ran + ran });
    }
  }
  return Object.fromEntries([...rooms].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function percentOf({ lines, ran }) {
  return lines === 0 ? 100 : (100 * ran) / lines;
}

export function tableOfRooms(rooms, floor) {
  const rows = Object.entries(rooms).map(([room, counts]) =>
    [
      room.padEnd(12),
      String(counts.lines).padStart(7),
      String(counts.ran).padStart(7),
      percentOf(counts).toFixed(1).padStart(7),
      String(floor[room] ?? '-').padStart(7),
    ].join(' '),
  );
  return ['room           lines     ran       %   floor', ...rows].join('\n');
}
