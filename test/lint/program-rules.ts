import { posix } from 'node:path';
import { parseSync } from '@swc/core';
import * as allowed from './program-allowed.ts';

/**
 * What keeps programs deterministic, read off the syntax tree: no clock, randomness, floats, locale, async, state between
 * runs, iteration over Map or Set, no division outside of `integer.ts`, no imports but the ledger's own. Every replica
 * runs the same code, so whatever could differ between two of them must not be written down at all. It is a net for
 * mistakes: a program is reviewed before it becomes consensus, and nothing here stops who means harm.
 */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/** @param file path below src/ledger/programs, with forward slashes */
export function checkProgram(source: string, file: string): Violation[] {
  // swc counts bytes over all files of a process; the empty statement in front says where this one begins.
  const tree = parseSync(`;${source}`, { syntax: 'typescript', target: 'esnext' });
  return new Checker(source, file, tree.body as unknown as Node[]).run();
}

class Checker {
  readonly #lines: Buffer;
  readonly #file: string;
  readonly #body: readonly Node[];
  readonly #base: number;
  readonly #found: Violation[] = [];
  /** Constants of the module, and those among them that are Maps. */
  readonly #constants = new Set<string>();
  readonly #maps = new Set<string>();
  #functions = 0;

  constructor(source: string, file: string, body: readonly Node[]) {
    this.#lines = Buffer.from(source);
    this.#file = file;
    this.#body = body;
    this.#base = startOf(body[0]) + 1;
  }

  run(): Violation[] {
    for (const statement of this.#body) this.#noteConstants(declarationIn(statement));
    for (const statement of this.#body) this.#visit(statement);
    return this.#found;
  }

  #noteConstants(node: Node): void {
    if (node.type !== 'VariableDeclaration') return;
    for (const { id, init } of node['declarations'] as { id: Node; init: Node | null }[]) {
      if (id.type !== 'Identifier') continue;
      this.#constants.add(nameOf(id));
      if (init?.type === 'NewExpression' && nameOf(init['callee']) === 'Map') this.#maps.add(nameOf(id));
    }
    if (node['kind'] !== 'const') this.#report(node, 'state between runs: a variable of the module');
  }

  #report(node: Node, text: string): void {
    const before = this.#lines.subarray(0, Math.max(0, startOf(node) - this.#base));
    const line = before.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
    this.#found.push({ file: this.#file, line, text });
  }

  #visit(node: Node): void {
    if (node.type.startsWith('Ts') && !allowed.TYPED_EXPRESSIONS.includes(node.type)) return;
    this.#judge(node);
    const isFunction = /Function|ClassMethod|PrivateMethod|Constructor/.test(node.type);
    if (isFunction) this.#functions += 1;
    for (const [field, value] of Object.entries(node)) {
      if (this.#isName(node, field)) continue;
      for (const child of Array.isArray(value) ? value : [value]) this.#descend(child);
    }
    if (isFunction) this.#functions -= 1;
  }

  #descend(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if ('type' in value && typeof value.type === 'string') this.#visit(value as Node);
    // Arguments and parameters stand in wrappers without a type.
    else for (const child of Object.values(value)) if (!Array.isArray(child)) this.#descend(child);
  }

  /** A field that names a property rather than a variable. */
  #isName(node: Node, field: string): boolean {
    const child = node[field];
    if (typeof child !== 'object' || child === null || (child as Node).type !== 'Identifier') return false;
    return (field === 'property' && node.type === 'MemberExpression') || field === 'key';
  }

  #judge(node: Node): void {
    const judge = JUDGES[node.type];
    if (judge !== undefined) judge(this, node);
    if (node['async'] === true || node['isAwait'] === true) this.#report(node, 'async');
    if (node['generator'] === true) this.#report(node, 'a generator');
  }

  readonly say = (node: Node, text: string): void => this.#report(node, text);

  isConstant(node: unknown): boolean {
    let root = node as Node;
    while (root.type === 'MemberExpression') root = root['object'] as Node;
    return root.type === 'Identifier' && this.#constants.has(nameOf(root));
  }

  isMap(node: unknown): boolean {
    return this.#maps.has(nameOf(node));
  }

  get isInFunction(): boolean {
    return this.#functions > 0;
  }

  get mayDivide(): boolean {
    return this.#file === allowed.DIVIDING_FILE;
  }

  mayImport(specifier: string): boolean {
    if (!specifier.startsWith('.')) return false;
    const target = posix.normalize(posix.join('src/ledger/programs', posix.dirname(this.#file), specifier));
    return target.startsWith('src/ledger/programs/') || allowed.IMPORTS.includes(target);
  }
}

type Judge = (checker: Checker, node: Node) => void;

const divides: Judge = (checker, node) => {
  const operator = String(node['operator']).replace(/=$/, '');
  if (['/', '%', '**'].includes(operator) && !checker.mayDivide) checker.say(node, `${operator} outside of integer.ts`);
};

const JUDGES: Readonly<Record<string, Judge>> = {
  BinaryExpression: divides,
  Identifier: (checker, node) => {
    const reason = allowed.FORBIDDEN_NAMES.get(nameOf(node));
    if (reason !== undefined) checker.say(node, `${nameOf(node)}: ${reason}`);
  },
  NumericLiteral: (checker, node) => {
    const isPlain = /^(?:0[xXbBoO][0-9a-fA-F_]+|[0-9_]+)$/.test(String(node['raw']));
    if (!isPlain || !Number.isSafeInteger(node['value']))
      checker.say(node, 'a float, or a number without a safe integer');
  },
  MemberExpression: (checker, node) => {
    const property = node['property'] as Node;
    const [object, name] = [nameOf(node['object']), nameOf(property)];
    if (property.type === 'Computed') {
      if (allowed.NAMESPACES.has(object)) checker.say(node, `${object}[…]`);
      return;
    }
    const reason = allowed.FORBIDDEN_PROPERTIES.get(name);
    if (reason !== undefined) checker.say(node, `.${name}: ${reason}`);
    const members = allowed.NAMESPACES.get(object);
    if (members !== undefined && !members.includes(name))
      checker.say(node, `${object}.${name} is not integer arithmetic`);
  },
  CallExpression: (checker, node) => {
    const callee = node['callee'] as Node;
    if (callee.type === 'Import') checker.say(node, 'import() at run time');
    if (allowed.NAMESPACES.has(nameOf(callee))) checker.say(node, `${nameOf(callee)}() may lose bits`);
    if (callee.type !== 'MemberExpression') return;
    const name = nameOf(callee['property']);
    if (allowed.ITERATORS.includes(name) && nameOf(callee['object']) !== 'Object')
      checker.say(node, `.${name}(): order of a Map or Set`);
    if (name === 'sort' && (node['arguments'] as unknown[]).length === 0)
      checker.say(node, '.sort() without a comparison');
    if (allowed.MUTATORS.includes(name) && checker.isConstant(callee['object'])) {
      checker.say(node, `state between runs: .${name}() on a constant of the module`);
    }
  },
  AssignmentExpression: (checker, node) => {
    divides(checker, node);
    if (checker.isConstant(node['left'])) checker.say(node, 'state between runs: a constant of the module is changed');
  },
  UpdateExpression: (checker, node) => {
    if (checker.isConstant(node['argument']))
      checker.say(node, 'state between runs: a constant of the module is changed');
  },
  NewExpression: (checker, node) => {
    if (nameOf(node['callee']) !== 'Map') return;
    const isTable = !checker.isInFunction && ((node['arguments'] as unknown[] | null)?.length ?? 0) > 0;
    if (!isTable) checker.say(node, 'a Map that is no table of the module');
  },
  ForOfStatement: (checker, node) => {
    if (checker.isMap(node['right'])) checker.say(node, 'iteration over a Map');
  },
  ArrayExpression: (checker, node) => {
    for (const element of node['elements'] as ({ spread: object | null; expression: Node } | null)[]) {
      if (element?.spread && checker.isMap(element.expression)) checker.say(node, 'iteration over a Map');
    }
  },
  ForInStatement: (checker, node) => checker.say(node, 'for … in'),
  TryStatement: (checker, node) => checker.say(node, 'try: a program neither catches nor sees a fault'),
  AwaitExpression: (checker, node) => checker.say(node, 'async'),
  MetaProperty: (checker, node) => checker.say(node, 'import.meta or new.target'),
  WithStatement: (checker, node) => checker.say(node, 'with'),
  UnaryExpression: (checker, node) => {
    if (node['operator'] === 'delete') checker.say(node, 'delete');
  },
  ClassProperty: (checker, node) => {
    if (node['isStatic'] === true) checker.say(node, 'state between runs: a static property');
  },
  ImportDeclaration: (checker, node) => {
    const specifier = String((node['source'] as Node)['value']);
    if (!checker.mayImport(specifier)) checker.say(node, `import of ${specifier}`);
  },
  ExportNamedDeclaration: (checker, node) => {
    const source = node['source'] as Node | null;
    if (source !== null && !checker.mayImport(String(source['value'])))
      checker.say(node, `export from ${source['value']}`);
  },
  ExportAllDeclaration: (checker, node) => {
    const specifier = String((node['source'] as Node)['value']);
    if (!checker.mayImport(specifier)) checker.say(node, `export from ${specifier}`);
  },
};

function declarationIn(statement: Node): Node {
  return statement.type === 'ExportDeclaration' ? (statement['declaration'] as Node) : statement;
}

function nameOf(node: unknown): string {
  const value = (node as Node | null)?.['value'];
  return (node as Node | null)?.type === 'Identifier' && typeof value === 'string' ? value : '';
}

function startOf(node: Node | undefined): number {
  return (node?.['span'] as { start: number } | undefined)?.start ?? 0;
}
