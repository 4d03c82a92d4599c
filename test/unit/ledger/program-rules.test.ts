import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkProgram } from '../../lint/program-rules.ts';

/** Each must be found, for the reason given. */
const FORBIDDEN: readonly (readonly [source: string, reason: RegExp])[] = [
  ['export const now = () => Date.now();', /a clock/],
  ['export const now = () => new Date();', /a clock/],
  ['export const now = () => performance.now();', /a clock/],
  ['export const wait = () => setTimeout(() => 1, 1);', /a clock/],
  ['export const dice = () => Math.random();', /Math\.random/],
  ['export const dice = () => crypto.randomUUID();', /randomness/],
  ['export const half = () => 0.5;', /a float/],
  ['export const large = () => 1e3;', /a float/],
  ['export const large = () => 9007199254740993;', /safe integer/],
  ['export const half = (a: number) => a / 2;', /\/ outside/],
  ['export const half = (a: bigint) => a / 2n;', /\/ outside/],
  ['export const rest = (a: number) => a % 2;', /% outside/],
  ['export function f(a: number) { a /= 2; return a; }', /\/ outside/],
  ['export function f(a: number) { a %= 2; return a; }', /% outside/],
  ['export const power = (a: number) => a ** 2;', /\*\* outside/],
  ['export const root = (a: number) => Math.sqrt(a);', /Math\.sqrt/],
  ['export const root = (a: number) => Math["sqrt"](a);', /Math\[/],
  ['export const lossy = (a: bigint) => Number(a);', /lose bits/],
  ['export const nothing = () => Number.EPSILON;', /Number\.EPSILON/],
  ['export const nothing = () => NaN;', /floats/],
  ['export const parse = (a: string) => parseFloat(a);', /floats/],
  ['export const many = () => new Float64Array(1);', /floats/],
  ['export const read = (a: DataView) => a.getFloat64(0);', /floats/],
  ['export const text = (a: number) => a.toFixed(2);', /floats/],
  ['export const text = (a: number) => a.toLocaleString();', /locale/],
  ['export const order = (a: string, b: string) => a.localeCompare(b);', /locale/],
  ['export const format = () => new Intl.NumberFormat();', /locale/],
  ['export async function f() { return 1; }', /async/],
  ['export const f = async () => 1;', /async/],
  ['export const f = () => Promise.resolve(1);', /async/],
  ['export const f = (a: PromiseLike<number>) => a.then((b) => b);', /async/],
  ['export function* f() { yield 1; }', /generator/],
  ['let count = 0; export const f = () => count;', /variable of the module/],
  ['export let count = 0;', /variable of the module/],
  ['const cache = new Map(); export const f = () => cache;', /no table/],
  ['export const f = () => new Map([[1, 2]]);', /no table/],
  ['const t = new Map([[1, 2]]); export const f = () => t.set(1, 3);', /\.set\(\) on a constant/],
  ['const t = new Uint8Array(4); export function f() { t[0] = 1; }', /constant of the module is changed/],
  ['const t = { a: 1 }; export function f() { t.a += 1; }', /constant of the module is changed/],
  ['const t = { a: 1 }; export function f() { t.a++; }', /constant of the module is changed/],
  ['const t = new Uint8Array(4); export const f = () => t.fill(1);', /\.fill\(\) on a constant/],
  ['export class A { static count = 0; }', /static property/],
  ['export const f = (a: readonly number[]) => new Set(a);', /order of iteration/],
  ['export const f = () => new WeakMap();', /order of iteration/],
  ['export const f = (a: ReadonlyMap<number, number>) => [...a.keys()];', /order of a Map/],
  ['export const f = (a: ReadonlyMap<number, number>) => a.forEach(() => 1);', /order of a Map/],
  ['const t = new Map([[1, 2]]); export function f() { for (const a of t) return a; }', /iteration over a Map/],
  ['const t = new Map([[1, 2]]); export const f = () => [...t];', /iteration over a Map/],
  ['export function f(a: object) { for (const b in a) return b; }', /for … in/],
  ['export const f = (a: number[]) => a.sort();', /without a comparison/],
  ['export function f() { try { return 1; } catch { return 2; } }', /try/],
  ['export function f(a: { b?: 1 }) { delete a.b; }', /delete/],
  ['export const f = () => process.env;', /the process/],
  ['export const f = () => globalThis;', /the process/],
  ['export const f = () => console.log(1);', /the process/],
  ['export const f = (a: string) => eval(a);', /code at run time/],
  ['export const f = () => [].constructor;', /code at run time/],
  ['export const f = (a: string) => import(a);', /import\(\)/],
  ['export const f = () => import.meta.url;', /import\.meta/],
  ['import fs from "node:fs"; export { fs };', /import of node:fs/],
  ['import fs from "fs"; export { fs };', /import of fs/],
  ['import { x } from "@noble/hashes"; export { x };', /import of @noble/],
  ['import { x } from "../state/table.ts"; export { x };', /import of/],
  ['import { x } from "../../base/clock.ts"; export { x };', /import of/],
  ['export { x } from "../../base/clock.ts";', /export from/],
  ['export * from "node:os";', /export from/],
  ['export const f = (a: number[]) => a.map((b) => [{ c: b / 2 }]);', /\/ outside/],
];

const ALLOWED: readonly string[] = [
  'export const f = (a: number, b: number) => Math.imul(a, b) + Math.min(a, b) + Math.clz32(a);',
  'const table = new Map([[1, "a"]]); export const f = (a: number) => table.get(a);',
  'export const f = (date: { Date: number }) => date.Date;',
  'export const f = (a: number[]) => { a[0] = 1; a.fill(0); return a.sort((b, c) => b - c); };',
  'export function f(a: readonly bigint[]) { let sum = 0n; for (const b of a) sum += b; return sum; }',
  'import type { Context } from "../program/interface.ts"; export const f = (c: Context) => c.time >>> 0;',
  'export const places = 0xff_ff + 10_000;',
  'export const f = (a: unknown) => a as Promise<Date>;',
];

describe('rules for programs', () => {
  for (const [source, reason] of FORBIDDEN) {
    it(`finds ${source}`, () => {
      const found = checkProgram(source, 'example.ts');
      assert.ok(
        found.some(({ text }) => reason.test(text)),
        JSON.stringify(found),
      );
    });
  }

  it('finds nothing in what is allowed', () => {
    for (const source of ALLOWED) assert.deepEqual(checkProgram(source, 'example.ts'), [], source);
  });

  it('names the line, also behind characters of several bytes and in a second file', () => {
    const source = '// äöü ’\nconst a = 1;\n\nexport const b = () => Date.now() + a;\n';
    for (let i = 0; i < 2; i += 1) {
      assert.deepEqual(
        checkProgram(source, 'x/y.ts').map(({ file, line }) => `${file}:${line}`),
        ['x/y.ts:4'],
      );
    }
  });

  it('lets integer.ts alone divide', () => {
    assert.deepEqual(checkProgram('export const f = (a: bigint) => a / 2n;', 'integer.ts'), []);
    assert.equal(checkProgram('export const f = (a: bigint) => a / 2n;', 'x/integer.ts').length, 1);
  });

  it('the programs themselves keep them', () => {
    const script = fileURLToPath(new URL('../../lint/check-programs.ts', import.meta.url));
    assert.match(
      execFileSync(process.execPath, [script], { encoding: 'utf8' }),
      /[1-9]\d* files of programs, 0 violations/,
    );
  });
});
