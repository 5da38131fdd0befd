/**
 * Which ports and which methods of transactions a function takes, and which of them it uses.
 *
 * A *port* is an interface with methods in src/core/ports; a part of one is a `Tx`. A *bundle* is an object type of which at
 * least one member is a port, such as `{ records: Transactions<Tx<'scan' | 'audit'>>; clock: Clock }`. What a parameter takes
 * is written as a set of names: each member (`records`), each port that a member is (`clock/Clock`), and of a part each
 * method (`records/scan`). A parameter uses a member when its function reads it, a method when its function calls it, and a
 * port when its function calls any of its methods; or when the function hands it on to something whose type names it.
 */
import path from 'node:path';
import ts from 'typescript';
import { nodesOf, ownFiles } from './sources.ts';

export interface TakenPorts {
  /** File, line and name. */
  readonly where: string;
  readonly takes: readonly string[];
  readonly unused: readonly string[];
  /** Members of a bundle, or interfaces of a transaction: what a reader of the signature has to keep in mind. */
  readonly width: number;
}

const portsFolder = /\/src\/core\/ports(\.ts$|\/)/;

/** Every parameter of src/ that takes ports. */
export function takenPorts(program: ts.Program, root: string): readonly TakenPorts[] {
  const files = ownFiles(program, root);
  const reader = new PortReader(
    program.getTypeChecker(),
    files.map(([, file]) => file),
  );
  return reader.parameters().map(({ parameter, takes, uses }) => ({
    where: placeOf(parameter, root),
    takes: [...takes],
    unused: [...takes].filter((port) => !uses.has(port)),
    width: reader.widthOf(takes),
  }));
}

type Names = ReadonlySet<string>;
const none: Names = new Set();

interface TakingParameter {
  readonly parameter: ts.ParameterDeclaration;
  readonly takes: Names;
  readonly uses: Names;
}

class PortReader {
  readonly #checker: ts.TypeChecker;
  readonly #methods = new Map<ts.Type, Names>();
  /** The interface of each method that a part has. */
  readonly #interfaces = new Map<string, string>();
  readonly #identifiers: ReadonlyMap<string, readonly ts.Node[]>;
  readonly #references = new Map<string, ReadonlyMap<ts.Symbol, readonly ts.Node[]>>();
  /** What each parameter takes, and what it is known to use so far. */
  readonly #takes: ReadonlyMap<ts.Node, Names>;
  readonly #uses = new Map<ts.Node, Names>();
  /** Names whose uses are being read: what is assigned to itself uses nothing by that. */
  readonly #open = new Set<ts.Symbol>();

  constructor(checker: ts.TypeChecker, files: readonly ts.SourceFile[]) {
    this.#checker = checker;
    this.#identifiers = grouped(files.flatMap(identifiersOf), ({ text }) => text);
    this.#takes = new Map(files.flatMap((file) => this.#taking(file)));
  }

  /** A function uses what those use to which it hands on, so uses are read until no more are found. */
  parameters(): readonly TakingParameter[] {
    for (let grown = true; grown; ) {
      grown = false;
      for (const [parameter, takes] of this.#takes) {
        if (!ts.isParameter(parameter)) continue;
        const uses = this.#usesOfName(parameter.name, '', takes);
        grown ||= uses.size > (this.#uses.get(parameter)?.size ?? 0);
        this.#uses.set(parameter, uses);
      }
    }
    return [...this.#takes].flatMap(([parameter, takes]) =>
      ts.isParameter(parameter) ? [{ parameter, takes, uses: this.#uses.get(parameter) ?? none }] : [],
    );
  }

  widthOf(takes: Names): number {
    const members = [...takes].filter((port) => !port.includes('/'));
    if (members.length > 0) return members.length;
    const ports = [...takes].map((port) => port.slice(1));
    return new Set(ports.map((port) => this.#interfaces.get(port) ?? port)).size;
  }

  #taking(file: ts.SourceFile): readonly (readonly [ts.Node, Names])[] {
    return [...nodesOf(file)].flatMap((node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return [];
      return node.parameters.flatMap((parameter) => {
        if (parameter.type === undefined) return [];
        const takes = this.#portsOf(this.#checker.getTypeAtLocation(parameter.type), '');
        return takes.size === 0 ? [] : [[parameter, takes] as const];
      });
    });
  }

  /** Only identifiers of the same name are looked up: to look up all takes the compiler as long as to check the types. */
  #referencesTo(symbol: ts.Symbol): readonly ts.Node[] {
    const text = symbol.name.replace(/^__#\d+@/, ''); // as the compiler names a private member
    const known = this.#references.get(text);
    const found = known ?? grouped(this.#identifiers.get(text) ?? [], (node) => this.#symbolAt(node));
    this.#references.set(text, found);
    return found.get(symbol) ?? [];
  }

  #symbolAt(node: ts.Node): ts.Symbol | undefined {
    if (ts.isShorthandPropertyAssignment(node.parent)) {
      return this.#checker.getShorthandAssignmentValueSymbol(node.parent);
    }
    return this.#checker.getSymbolAtLocation(node);
  }

  /** The names of what a type takes; empty unless it is a port or a bundle of ports. */
  #portsOf(type: ts.Type, prefix: string): Names {
    const methods = this.#methodsOf(type);
    if (methods.size > 0) return new Set([...methods].map((method) => `${prefix}/${method}`));
    if (prefix !== '' || !isPlainObject(type)) return none;
    const members = type.getProperties();
    const inside = members.map((member) => this.#portsOf(this.#checker.getTypeOfSymbol(member), member.name));
    if (inside.every(({ size }) => size === 0)) return none;
    return new Set(members.flatMap((member, i) => [member.name, ...(inside[i] ?? [])]));
  }

  /** The methods of a port: of an intersection those of each, of a transaction also those that it gives. */
  #methodsOf(type: ts.Type): Names {
    const known = this.#methods.get(type);
    if (known !== undefined) return known;
    const found = this.#findMethods(type);
    this.#methods.set(type, found);
    return found;
  }

  #findMethods(type: ts.Type): Names {
    if (type.isUnionOrIntersection()) return merged(type.types.map((one) => this.#methodsOf(one)));
    if ((type.flags & ts.TypeFlags.TypeParameter) !== 0) return this.#methodsOfConstraint(type);
    const members = type.getProperties().filter(isOfPort);
    if (isMapped(type)) for (const member of members) this.#interfaces.set(member.name, interfaceOf(member));
    const own = members.map((member) => (isMapped(type) ? member.name : interfaceOf(member)));
    return new Set([...own, ...(own.length > 0 ? this.#givenBy(type) : none)]);
  }

  #methodsOfConstraint(type: ts.Type): Names {
    const constraint = this.#checker.getBaseConstraintOfType(type);
    return constraint === undefined ? none : this.#methodsOf(constraint);
  }

  #givenBy(type: ts.Type): Names {
    if (!isReference(type)) return none;
    return merged(this.#checker.getTypeArguments(type).map((one) => this.#methodsOf(one)));
  }

  /** What is used by way of a name that was bound to `takes`. */
  #usesOfName(name: ts.BindingName, prefix: string, takes: Names): Names {
    if (ts.isIdentifier(name))
      return this.#usesOfSymbol(this.#checker.getSymbolAtLocation(name), prefix, takes);
    if (ts.isArrayBindingPattern(name)) return takes;
    return merged(name.elements.map((element) => this.#usesOfElement(element, prefix, takes)));
  }

  #usesOfElement(element: ts.BindingElement, prefix: string, takes: Names): Names {
    if (element.dotDotDotToken !== undefined || prefix !== '')
      return this.#usesOfName(element.name, prefix, takes);
    const member = (element.propertyName ?? element.name).getText();
    return new Set([member, ...this.#usesOfName(element.name, member, takes)]);
  }

  #usesOfSymbol(symbol: ts.Symbol | undefined, prefix: string, takes: Names): Names {
    if (symbol === undefined) return takes;
    if (this.#open.has(symbol)) return none;
    this.#open.add(symbol);
    try {
      const places = this.#referencesTo(symbol).filter((place) => !isDeclaredBy(place, symbol));
      return merged(places.map((place) => this.#usesAt(expressionAt(place), prefix, takes)));
    } finally {
      this.#open.delete(symbol);
    }
  }

  /** What one mention of a value uses. */
  #usesAt(place: ts.Node, prefix: string, takes: Names): Names {
    const { parent } = place;
    if (isWrapper(parent)) return this.#usesAt(parent, prefix, takes);
    if (ts.isPropertyAccessExpression(parent) && parent.expression === place) {
      return this.#usesOfMember(parent, prefix, takes);
    }
    if (ts.isVariableDeclaration(parent) && parent.initializer === place) {
      return this.#usesOfName(parent.name, prefix, takes);
    }
    if (ts.isSpreadAssignment(parent) && ts.isVariableDeclaration(parent.parent.parent)) {
      const { name, type } = parent.parent.parent;
      if (type === undefined) return this.#usesOfName(name, prefix, takes);
    }
    if (isAssignment(parent) && parent.left === place) return none;
    if (isAssignment(parent) && parent.right === place && ts.isPropertyAccessExpression(parent.left)) {
      return this.#usesOfSymbol(this.#checker.getSymbolAtLocation(parent.left.name), prefix, takes);
    }
    if (isCall(parent) && parent.arguments?.some((argument) => argument === place)) {
      return this.#usesOfCall(parent, place, prefix, takes);
    }
    return this.#handedOn(place, prefix, takes);
  }

  #usesOfMember(access: ts.PropertyAccessExpression, prefix: string, takes: Names): Names {
    const member = access.name.text;
    if (takes.has(member) && prefix === '') return new Set([member, ...this.#usesAt(access, member, takes)]);
    const { parent } = access;
    const inside =
      ts.isCallExpression(parent) && parent.expression === access
        ? this.#usesOfCallbacks(parent.arguments)
        : none;
    const used = namesOf(this.#checker.getSymbolAtLocation(access.name));
    return new Set([
      ...used.map((name) => `${prefix}/${name}`),
      ...[...inside].map((port) => `${prefix}${port}`),
    ]);
  }

  /** The ports that functions among the arguments use of what they are called with, or of a member of it. */
  #usesOfCallbacks(given: readonly ts.Expression[]): Names {
    const used = merged(given.flatMap(functionsIn).map((one) => this.#usesOfCallback(one)));
    return new Set([...used].map((port) => port.slice(Math.max(0, port.indexOf('/')))));
  }

  #usesOfCallback(given: ts.Expression): Names {
    if (ts.isArrowFunction(given) || ts.isFunctionExpression(given)) {
      return merged(
        given.parameters.map(({ name }) =>
          this.#usesOfName(name, '', this.#portsOf(this.#checker.getTypeAtLocation(name), '')),
        ),
      );
    }
    const type = this.#checker.getTypeAtLocation(given);
    const members = ts.isSpreadAssignment(given.parent) ? type.getProperties() : [];
    const types = [type, ...members.map((member) => this.#checker.getTypeOfSymbol(member))];
    const signatures = types.flatMap((one) => one.getCallSignatures());
    return merged(
      signatures.flatMap(({ parameters }) => parameters.map((parameter) => this.#usesOfParameter(parameter))),
    );
  }

  #usesOfParameter(parameter: ts.Symbol): Names {
    const declared = parameter.valueDeclaration;
    if (declared !== undefined && this.#takes.has(declared)) return this.#uses.get(declared) ?? none;
    return this.#portsOf(this.#checker.getTypeOfSymbol(parameter), '');
  }

  /** Handed on to a function: what that uses, and what is done in the functions beside it. */
  #usesOfCall(
    call: ts.CallExpression | ts.NewExpression,
    place: ts.Node,
    prefix: string,
    takes: Names,
  ): Names {
    const declared = this.#checker.getResolvedSignature(call)?.declaration;
    const given: readonly ts.Node[] = call.arguments ?? [];
    const parameter = declared?.parameters[given.indexOf(place)];
    if (declared === undefined || parameter === undefined) return this.#handedOn(place, prefix, takes);
    const isKnown = this.#takes.has(parameter);
    const inside = this.#usesOfCallbacks(call.arguments ?? []);
    const called = [...takes].filter((port) => inside.has(port) || inside.has(port.slice(port.indexOf('/'))));
    if (isKnown) return new Set([...prefixed(prefix, this.#uses.get(parameter) ?? none), ...called]);
    const opens = declared.typeParameters !== undefined && inside.size > 0;
    return new Set([...(opens ? none : this.#handedOn(place, prefix, takes)), ...called]);
  }

  /** What the type of the place names into which the value goes; all of it where no type says. */
  #handedOn(place: ts.Node, prefix: string, takes: Names): Names {
    const type = this.#typeWanted(place);
    if (type === undefined) return ts.isTypeQueryNode(place.parent) ? none : takes;
    const named = this.#portsOf(type, prefix);
    return named.size > 0 ? named : this.#named(type, place, prefix);
  }

  /** The members that a type names which is no port itself: a part of a bundle, or the one method that is called. */
  #named(type: ts.Type, place: ts.Node, prefix: string): Names {
    const given = this.#checker.getTypeAtLocation(place);
    const members = type.getNonNullableType().getProperties();
    if (prefix === '' && this.#methodsOf(given).size === 0) return new Set(members.map(({ name }) => name));
    return new Set(members.flatMap(namesOf).map((name) => `${prefix}/${name}`));
  }

  #typeWanted(place: ts.Node): ts.Type | undefined {
    const { parent } = place;
    if (ts.isSpreadAssignment(parent)) return this.#checker.getContextualType(parent.parent);
    if (ts.isShorthandPropertyAssignment(parent)) {
      const member = this.#checker.getContextualType(parent.parent)?.getProperty(parent.name.text);
      return member && this.#checker.getTypeOfSymbol(member);
    }
    return ts.isExpression(place) ? this.#checker.getContextualType(place) : undefined;
  }
}

function identifiersOf(file: ts.SourceFile): readonly (ts.Identifier | ts.PrivateIdentifier)[] {
  return [...nodesOf(file)].filter((node) => ts.isIdentifier(node) || ts.isPrivateIdentifier(node));
}

function grouped<Key, Node extends ts.Node>(
  nodes: readonly Node[],
  keyOf: (node: Node) => Key | undefined,
): ReadonlyMap<Key, readonly Node[]> {
  const groups = new Map<Key, Node[]>();
  for (const node of nodes) {
    const key = keyOf(node);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    if (group.length === 0) groups.set(key, group);
    group.push(node);
  }
  return groups;
}

function merged(all: readonly Names[]): Names {
  return new Set(all.flatMap((names) => [...names]));
}

/** An argument, or what may be a function among the members of one that is an object. */
function functionsIn(given: ts.Expression): readonly ts.Expression[] {
  if (!ts.isObjectLiteralExpression(given)) return [given];
  return given.properties.flatMap((member) => {
    if (ts.isShorthandPropertyAssignment(member)) return [member.name];
    if (ts.isSpreadAssignment(member)) return [member.expression];
    return ts.isPropertyAssignment(member) ? [member.initializer] : [];
  });
}

/** Under which names a method of a port may be taken: as itself, of a part, or with all of its interface. */
function namesOf(member: ts.Symbol | undefined): readonly string[] {
  return member === undefined ? [] : [member.name, interfaceOf(member)];
}

/** The interface that states a member. */
function interfaceOf(member: ts.Symbol): string {
  const owner = member.declarations?.[0]?.parent;
  return owner !== undefined && ts.isInterfaceDeclaration(owner) ? owner.name.text : '';
}

/** Whether a type is a part of another, such as `Tx<'scan'>`. */
function isMapped(type: ts.Type): boolean {
  return 'objectFlags' in type && (Number(type.objectFlags) & ts.ObjectFlags.Mapped) !== 0;
}

/** Whether a member is a method that an interface of the ports declares. */
function isOfPort(member: ts.Symbol): boolean {
  return member.declarations?.some(isDeclaredByPort) === true;
}

function isDeclaredByPort(declaration: ts.Declaration): boolean {
  return ts.isMethodSignature(declaration) && portsFolder.test(declaration.getSourceFile().fileName);
}

function isReference(type: ts.Type): type is ts.TypeReference {
  return 'target' in type && 'typeArguments' in type;
}

/** An interface, a literal or an intersection of them; no class, array or function. */
function isPlainObject(type: ts.Type): boolean {
  if (type.isIntersection()) return type.types.every(isPlainObject);
  if ((type.flags & ts.TypeFlags.Object) === 0 || type.isClass()) return false;
  return type.getCallSignatures().length === 0 && type.getNumberIndexType() === undefined;
}

function isWrapper(node: ts.Node): boolean {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node)
  );
}

function isCall(node: ts.Node): node is ts.CallExpression | ts.NewExpression {
  return ts.isCallExpression(node) || ts.isNewExpression(node);
}

function prefixed(prefix: string, names: Names): Names {
  return new Set([...names].map((name) => (name.startsWith('/') ? `${prefix}${name}` : name)));
}

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

function isDeclaredBy(place: ts.Node, symbol: ts.Symbol): boolean {
  const { parent } = place;
  if (symbol.declarations?.some((declaration) => declaration === parent) !== true) return false;
  return !ts.isShorthandPropertyAssignment(parent);
}

/** `this.#deps` for the name `#deps`. */
function expressionAt(name: ts.Node): ts.Node {
  const { parent } = name;
  return ts.isPropertyAccessExpression(parent) && parent.name === name ? parent : name;
}

function placeOf(parameter: ts.ParameterDeclaration, root: string): string {
  const file = parameter.getSourceFile();
  const line = file.getLineAndCharacterOfPosition(parameter.parent.getStart()).line + 1;
  return `${path.relative(root, file.fileName)}:${line} ${nameOf(parameter.parent)}`;
}

function nameOf(fn: ts.SignatureDeclaration): string {
  if (fn.name !== undefined) return fn.name.getText();
  if (ts.isConstructorDeclaration(fn)) return `constructor of ${fn.parent.name?.text ?? 'a class'}`;
  return ts.isVariableDeclaration(fn.parent) ? fn.parent.name.getText() : 'a function';
}
