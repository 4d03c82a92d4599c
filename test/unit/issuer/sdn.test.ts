import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { nameKey } from '../../../src/claims/index.ts';
import { MAX_GAP_ELEMENTS } from '../../../src/issuer/entry.ts';
import { importSdn } from '../../../src/issuer/index.ts';
import { coded } from '../../support/codes.ts';

const NULL = '-0- ';
const row = (id: number, name: string, type = 'individual', remarks = NULL): string =>
  [id, `"${name}"`, type === NULL ? NULL : `"${type}"`, '"X"', ...new Array<string>(7).fill(NULL), remarks].join(',');
const file = (...rows: string[]): Uint8Array => Buffer.from(`${rows.join('\r\n')}\r\n\u001a`);
const has = (list: { elements: bigint[] }, name: string): boolean => list.elements.includes(nameKey(name));

test('the sample list is read in full', async () => {
  const folder = new URL('../../../src/cli/demo/samples/', import.meta.url);
  const [sdn, aliases] = await Promise.all([
    readFile(new URL('sdn.csv', folder)),
    readFile(new URL('alt.csv', folder)),
  ]);
  const list = importSdn(sdn, { aliases });
  assert.deepEqual([list.rows, list.skipped, list.names, list.aliases], [30, 3, 34, 7]);
  assert.equal(list.elements.length, 34);
  for (const name of [
    'Viktor Nonesuch-Example',
    'Vitya the Example',
    'Primer, Viktor',
    'MARIA DE LA INVENCION FICTIVA',
  ]) {
    assert.ok(has(list, name), name);
  }
  assert.ok(!has(list, 'Anna Muster'), 'a vessel is no person of the same name');
});

test('individuals and entities go in, vessels only when asked for', () => {
  const sdn = file(
    row(1, 'DOE, John'),
    row(2, 'ACME LTD.', NULL),
    row(3, 'VICTORIA', 'vessel'),
    row(4, 'EP-X', 'aircraft'),
  );
  const list = importSdn(sdn);
  assert.ok(has(list, 'John Doe') && has(list, 'acme ltd') && !has(list, 'Victoria'));
  assert.equal(list.skipped, 2);
  assert.equal(importSdn(sdn, { includeVessels: true }).elements.length, 4);
});

test('elements ascend and are unique', () => {
  const { elements, names } = importSdn(file(row(1, 'B, A'), row(2, 'A, B'), row(3, 'C')));
  assert.equal(names, 3);
  assert.equal(elements.length, 2);
  assert.ok((elements[0] ?? 0n) < (elements[1] ?? 0n));
});

test('aliases come from remarks, quotes inside them included, and from alt.csv', () => {
  const remarks = `"DOB 1970; a.k.a. 'ABU-'UMAR'; f.k.a. 'OLD NAME' (x); Linked To: DOE, Jane; a.k.a. 'LAST'."`;
  const aliases = file('1,1,"aka","ROE, John",-0- ', '2,2,"aka","SHIP ALIAS",-0- ');
  const list = importSdn(file(row(1, 'DOE, John', 'individual', remarks), row(2, 'SHIP', 'vessel')), { aliases });
  for (const name of ["ABU-'UMAR", 'Old Name', 'last', 'John Roe']) assert.ok(has(list, name), name);
  assert.ok(!has(list, 'Jane Doe') && !has(list, 'ship alias'));
  assert.equal(list.aliases, 4);
});

test('a list with a hole is refused, with the line', () => {
  const good = row(1, 'DOE, John');
  const cases: [Uint8Array, string][] = [
    [file(), 'sdn.csv'],
    [file(good, '2,"SHORT"'), 'sdn.csv:2'],
    [file(good, good.replace('1,', 'x,')), 'sdn.csv:2'],
    [file(good, row(2, '-0-')), 'sdn.csv:2'],
    [file(good, row(2, '...')), 'sdn.csv:2'],
    [file(good, '2,"NEVER CLOSED,', row(3, 'LOST')), 'sdn.csv:2'],
    [Buffer.from('<html>not found</html>'), 'sdn.csv:1'],
  ];
  for (const [bytes, where] of cases) assert.throws(() => importSdn(bytes), coded('ISSUER_BAD_LIST', where));
  const orphan = file('9,1,"aka","X",-0- ');
  assert.throws(() => importSdn(file(good), { aliases: orphan }), coded('ISSUER_BAD_LIST', 'alt.csv:1'));
  assert.throws(() => importSdn(Buffer.from([0, 1, 2])), coded('ISSUER_BAD_CSV'));
});

test('a list beyond the tree of the circuits is refused', () => {
  assert.equal(MAX_GAP_ELEMENTS, 262_143);
  const rows: string[] = [];
  // Packed into remarks, a thousand a row: as many rows of their own would only be slower to write here.
  for (let from = 0; from < 262_144; from += 1024) {
    const names = Array.from({ length: 1024 }, (_, i) => `a.k.a. '${from + i}'`);
    rows.push(row(from + 1, String(from), 'individual', `"${names.join('; ')}."`));
  }
  assert.throws(() => importSdn(file(...rows)), coded('ISSUER_LIST_TOO_LARGE'));
});
