import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommandLine, nodeCommand } from '../children/command-line.ts';
import { type Containment, findContainment } from './containment.ts';
import { makeRoom, type Room } from './room.ts';

/** How a child is contained. */
export interface Contained {
  /** Files and folders that it reads beside its program, the modules of that, and what is put into its room. */
  readonly reads: readonly string[];
  /** Whether it loads native code of ours. */
  readonly addons?: boolean;
  /** Makes an empty folder for its room; in the folder for temporary files unless given. */
  readonly makeFolder?: () => Promise<string>;
  /** The strongest of this machine unless given. */
  readonly by?: Containment;
}

/** The command of a program of Node, contained, and a room of its own. */
export async function contain(
  program: string,
  args: readonly string[],
  { reads, addons = false, makeFolder, by }: Contained,
): Promise<{ readonly command: CommandLine; readonly room: Room }> {
  const { contain: confine } = by ?? (await findContainment());
  const room = await makeRoom(makeFolder);
  const bundle = dirname(program);
  return {
    room,
    command: confine(nodeCommand(program, args), {
      // the child itself says what is wrong with a file that is not there
      reads: [...new Set([bundle, ...modulesAbove(bundle), ...reads, room.input])].filter(existsSync),
      addons,
      writes: [room.output],
    }),
  };
}

/** The installed packages that a program in this folder may import. */
function modulesAbove(folder: string): readonly string[] {
  const above = dirname(folder);
  const modules = join(folder, 'node_modules');
  return [...(existsSync(modules) ? [modules] : []), ...(above === folder ? [] : modulesAbove(above))];
}
