import { NiiError } from '../../core/errors.ts';
import { localName, type XmlNode } from './xml.ts';

interface Condition {
  /** `@name` for an attribute, else the local name of a child. */
  readonly of: string;
  readonly value: string;
}

interface Step {
  readonly anywhere: boolean;
  readonly name: string;
  readonly conditions: readonly Condition[];
}

const STEPS_CEILING = 16;
/** More matches than these are not fields. */
const MATCHES_CEILING = 1024;

const stepForm = /(\/\/|\/|^)(@?[\p{L}_][\p{L}\p{N}_.:-]*|\*)((?:\[@?[^\]=]+='[^']*'\])*)/uy;
const conditionForm = /\[(@?[^\]=]+)='([^']*)'\]/gu;

/**
 * Texts at a path below the root: local names (any namespace) with `/` for a child and `//` for any descendant, `*` for
 * any name, `@name` at the end for an attribute, `[@name='value']` and `[Child='value']` to choose.
 * @throws NII_CONFIG for a path that is none
 */
export function textsAt(root: XmlNode, path: string): readonly string[] {
  const steps = stepsOf(path);
  const last = steps.at(-1);
  if (last?.name.startsWith('@') !== true) return nodesAt(root, steps).map(({ text }) => text);
  const owners = steps.length === 1 ? [root] : nodesAt(root, steps.slice(0, -1));
  return owners.flatMap((node) => attributeOf(node, last.name.slice(1)));
}

/** @throws NII_CONFIG for what is no path */
export function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = [];
  stepForm.lastIndex = 0;
  while (stepForm.lastIndex < path.length) {
    const match = stepForm.exec(path);
    if (match === null || steps.length >= STEPS_CEILING)
      throw new NiiError('NII_CONFIG', `invalid XML path: ${path}`);
    const [, separator, name = '', conditions = ''] = match;
    steps.push({ anywhere: separator === '//', name, conditions: conditionsOf(conditions) });
  }
  if (steps.length === 0) throw new NiiError('NII_CONFIG', 'empty XML path');
  return steps;
}

function conditionsOf(text: string): readonly Condition[] {
  return [...text.matchAll(conditionForm)].map(([, of = '', value = '']) => ({ of, value }));
}

function nodesAt(root: XmlNode, steps: readonly Step[]): readonly XmlNode[] {
  let nodes: readonly XmlNode[] = [root];
  for (const step of steps) {
    const below = nodes.flatMap((node) => (step.anywhere ? descendants(node) : node.children));
    nodes = [...new Set(below)].filter((node) => fits(node, step)).slice(0, MATCHES_CEILING);
  }
  return nodes;
}

function descendants(node: XmlNode): readonly XmlNode[] {
  return node.children.flatMap((child) => [child, ...descendants(child)]);
}

function fits(node: XmlNode, { name, conditions }: Step): boolean {
  return (name === '*' || localName(node.name) === name) && conditions.every((one) => holds(node, one));
}

function holds(node: XmlNode, { of, value }: Condition): boolean {
  if (of.startsWith('@')) return attributeOf(node, of.slice(1)).includes(value);
  return node.children.some((child) => localName(child.name) === of && child.text === value);
}

function attributeOf(node: XmlNode, wanted: string): readonly string[] {
  return Object.entries(node.attributes)
    .filter(([name]) => localName(name) === wanted)
    .map(([, text]) => text);
}
