import Type, { type Static } from 'typebox';
import Value from 'typebox/value';

/** Roles of files that are kept with a scan and measure nothing: of each there may be many, told apart by name. */
export const AttachedRole = Type.Enum([
  'picture',
  'thumbnail',
  'icon',
  'snapshot',
  'ocr',
  'radiation',
  'undecoded',
  'document',
  'report',
  'attachment',
]);
export type AttachedRole = Static<typeof AttachedRole>;
export function isAttachedRole(role: string): role is AttachedRole {
  return Value.Check(AttachedRole, role);
}
