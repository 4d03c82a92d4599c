import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATUS } from '../../../../src/ledger/constants.ts';
import { NOBODY } from '../../../../src/ledger/programs/holdings.ts';
import {
  acceptHandover,
  appointInspector,
  handOverProduct,
  inspectionKey,
  inspectProduct,
  productKey,
  proposeHandover,
  registerProduct,
  retireProduct,
} from '../../../../src/ledger/programs/provenance/build.ts';
import { PROVENANCE_REFUSED } from '../../../../src/ledger/programs/provenance/program.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { hash32, person, TestLedger, tampered } from './ledger.ts';

const [factory, lab, shop, eve] = [person(1), person(2), person(3), person(4)];
const product = { manufacturer: factory, serial: 77n };

function registered(): TestLedger {
  const ledger = new TestLedger();
  ledger.ok(factory, registerProduct(product, hash32(9), lab));
  return ledger;
}
const holder = (ledger: TestLedger) => ledger.shown(productKey(product))?.['holder'];
const hex = (address: Uint8Array) => Buffer.from(address).toString('hex');

describe('provenance', () => {
  it('is registered once, by its manufacturer', () => {
    const ledger = registered();
    assert.deepEqual(ledger.shown(productKey(product)), {
      kind: 'product',
      manufacturer: hex(factory),
      serial: '77',
      registered: String(ledger.time),
      handovers: 0,
      inspections: 0,
      retired: false,
      holder: hex(factory),
      proposed: '',
      inspector: hex(lab),
      content: '09'.repeat(32),
    });
    ledger.refused(REFUSED.exists, factory, registerProduct(product, hash32(1)));
    ledger.refused(REFUSED.party, eve, registerProduct({ ...product, serial: 78n }, hash32(1)));
    const raw = tampered(factory, registerProduct({ ...product, serial: 78n }, hash32(1)), (change) =>
      change.writes[0]?.set([1], 31),
    );
    ledger.refusedRaw(REFUSED.key, factory, raw);
    const asInspection = tampered(factory, registerProduct({ ...product, serial: 78n }, hash32(1)), (change) =>
      change.writes[0]?.set([2], 1),
    );
    ledger.refusedRaw(REFUSED.key, factory, asInspection);
  });

  it('is handed over at once, or by proposal and acceptance', () => {
    const ledger = registered();
    ledger.refused(REFUSED.party, eve, handOverProduct(product, eve));
    ledger.refused(REFUSED.malformed, factory, handOverProduct(product, NOBODY));
    ledger.ok(factory, handOverProduct(product, shop));
    assert.equal(holder(ledger), hex(shop));
    ledger.refused(REFUSED.party, factory, handOverProduct(product, factory));
    ledger.ok(shop, proposeHandover(product, eve));
    assert.equal(holder(ledger), hex(shop));
    ledger.refused(REFUSED.party, lab, acceptHandover(product));
    ledger.ok(shop, proposeHandover(product, NOBODY));
    ledger.refused(REFUSED.party, eve, acceptHandover(product));
    ledger.ok(shop, proposeHandover(product, lab));
    ledger.ok(lab, acceptHandover(product));
    assert.equal(holder(ledger), hex(lab));
    ledger.refused(REFUSED.party, lab, acceptHandover(product));
    assert.equal(ledger.shown(productKey(product))?.['handovers'], 2);
  });

  it('a handover ends the proposal before it', () => {
    const ledger = registered();
    ledger.ok(factory, proposeHandover(product, eve), handOverProduct(product, shop));
    ledger.refused(REFUSED.party, eve, acceptHandover(product));
  });

  it('is inspected in order by the inspector whom the manufacturer appoints', () => {
    const ledger = registered();
    ledger.refused(REFUSED.party, factory, inspectProduct(product, 0, hash32(3)));
    ledger.refused(PROVENANCE_REFUSED.number, lab, inspectProduct(product, 1, hash32(3)));
    ledger.ok(lab, inspectProduct(product, 0, hash32(3)), inspectProduct(product, 1, hash32(4)));
    ledger.refused(PROVENANCE_REFUSED.number, lab, inspectProduct(product, 1, hash32(5)));
    assert.equal(ledger.shown(inspectionKey(product, 1))?.['attestation'], '04'.repeat(32));
    ledger.ok(factory, handOverProduct(product, shop));
    ledger.refused(REFUSED.party, shop, appointInspector(product, shop));
    ledger.ok(factory, appointInspector(product, eve));
    ledger.refused(REFUSED.party, lab, inspectProduct(product, 2, hash32(3)));
    ledger.ok(eve, inspectProduct(product, 2, hash32(3)));
    const other = { manufacturer: factory, serial: 5n };
    const elsewhere = tampered(eve, inspectProduct(product, 3, hash32(3)), (raw) => {
      raw.writes = [productKey(product), inspectionKey(other, 3)].sort((a, b) => Buffer.compare(a, b));
      raw.args.set(raw.writes[0]?.[1] === 1 ? [1, 2] : [2, 1], 0);
    });
    ledger.refusedRaw(REFUSED.key, eve, elsewhere);
  });

  it('is retired by its holder, for ever', () => {
    const ledger = registered();
    ledger.ok(factory, proposeHandover(product, shop));
    ledger.refused(REFUSED.party, eve, retireProduct(product));
    ledger.ok(factory, retireProduct(product));
    const { retired } = PROVENANCE_REFUSED;
    ledger.refused(retired, factory, retireProduct(product));
    ledger.refused(retired, factory, handOverProduct(product, shop));
    ledger.refused(retired, factory, proposeHandover(product, shop));
    ledger.refused(retired, factory, appointInspector(product, lab));
    ledger.refused(retired, shop, acceptHandover(product));
    ledger.refused(retired, lab, inspectProduct(product, 0, hash32(1)));
    ledger.refused(REFUSED.exists, factory, registerProduct(product, hash32(1)));
    ledger.refused(REFUSED.missing, factory, retireProduct({ ...product, serial: 1n }));
  });

  it('moves no money: it has no right to', () => {
    const ledger = registered();
    const raw = tampered(factory, retireProduct(product), (change) => {
      change.args = Uint8Array.of(0);
    });
    ledger.refusedRaw(REFUSED.key, factory, raw);
    const read = tampered(factory, retireProduct(product), (change) => {
      change.reads = change.writes;
      change.writes = [];
    });
    ledger.refusedRaw(STATUS.undeclaredAccess, factory, read);
  });
});
