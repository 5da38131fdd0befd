import type { CaseAnswer, Command } from '../../commands/command.ts';
import { type MoveCaseDeps, withCase } from '../../commands/with-case.ts';
import { acknowledgeDanger, raiseDanger } from '../../triage/danger.ts';

/** Alarms of persons in danger: raised by who looks at the image, acknowledged by who sees to it. */

export function raiseDangerOf(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { note }: { readonly note?: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move, policy }) => ({
    what: 'raise a danger',
    next: raiseDanger(current, note, policy.dangerDueMinutes, move),
  }));
}

export function acknowledgeDangerOf(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move }) => ({
    what: 'acknowledge a danger',
    next: acknowledgeDanger(current, why, move),
  }));
}
