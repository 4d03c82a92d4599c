/** Names for `program-rules.ts`. */

const entries = (reason: string, names: string): [string, string][] => names.split(' ').map((name) => [name, reason]);

export const FORBIDDEN_NAMES: ReadonlyMap<string, string> = new Map([
  ...entries('a clock', 'Date Temporal performance setTimeout setInterval setImmediate'),
  ...entries('randomness', 'crypto'),
  ...entries('floats', 'NaN Infinity parseFloat parseInt Float16Array Float32Array Float64Array'),
  ...entries('locale', 'Intl'),
  ...entries('async', 'Promise queueMicrotask fetch'),
  ...entries('the process', 'process globalThis global window self require module Buffer console navigator'),
  ...entries('code at run time', 'eval Function WebAssembly Reflect Proxy'),
  ...entries('order of iteration, or of the garbage collector', 'Set WeakMap WeakSet WeakRef FinalizationRegistry'),
  ...entries('shared between threads', 'Atomics SharedArrayBuffer'),
]);

export const FORBIDDEN_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ...entries('locale', 'toLocaleString toLocaleUpperCase toLocaleLowerCase localeCompare normalize'),
  ...entries(
    'floats',
    'toFixed toPrecision toExponential getFloat16 getFloat32 getFloat64 setFloat16 setFloat32 setFloat64',
  ),
  ...entries('async', 'then'),
  ...entries('order of a Map or Set; a for loop says what it goes over', 'forEach'),
  ...entries('code at run time', 'constructor prototype __proto__ stack'),
]);

/** Objects of which only these members may be used. */
export const NAMESPACES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Math', ['imul', 'clz32', 'min', 'max', 'abs']],
  ['Number', ['isInteger', 'isSafeInteger', 'MAX_SAFE_INTEGER']],
]);

export const ITERATORS: readonly string[] = ['keys', 'values', 'entries'];
export const MUTATORS: readonly string[] =
  'set fill push pop shift unshift splice sort reverse copyWithin add clear setUint8 setUint32 setBigUint64'.split(' ');

export const DIVIDING_FILE = 'integer.ts';
export const IMPORTS: readonly string[] = [
  'src/ledger/constants.ts',
  'src/ledger/errors.ts',
  'src/ledger/keys.ts',
  'src/ledger/program/interface.ts',
  'src/ledger/transaction/interface.ts',
  'src/base/bytes.ts',
];
/** Nodes of TypeScript that hold an expression that runs. */
export const TYPED_EXPRESSIONS: readonly string[] = [
  'TsAsExpression',
  'TsConstAssertion',
  'TsNonNullExpression',
  'TsSatisfiesExpression',
  'TsTypeAssertion',
];
