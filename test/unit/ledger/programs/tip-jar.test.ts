import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, STATUS, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import type { Program } from '../../../../src/ledger/program/interface.ts';
import { NATIVE } from '../../../../src/ledger/programs/holdings.ts';
import { PROGRAMS } from '../../../../src/ledger/programs/index.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { checkProgram } from '../../../lint/program-rules.ts';
import { assetId, person, TestLedger, tampered } from './ledger.ts';
import { emptyJar, JAR, jarKey, openJar, tipInto, tipJar } from './tip-jar.ts';

const [owner, fan, eve] = [person(1), person(2), person(3)];
const jar = jarKey(owner, 1n);

function opened(): TestLedger {
  const ledger = new TestLedger(new Map<number, Program>([...PROGRAMS, [tipJar.id, tipJar]]));
  ledger.give(fan, 100n);
  ledger.ok(owner, openJar(owner, 1n, NATIVE));
  return ledger;
}

describe('tip jar, the worked example', () => {
  it('takes tips and gives all of them to the owner', () => {
    const ledger = opened();
    ledger.ok(fan, tipInto(fan, jar, NATIVE, 30n), tipInto(fan, jar, NATIVE, 12n));
    const record = Buffer.from(ledger.record(jar) ?? []);
    assert.deepEqual([record.readBigUInt64LE(JAR.amount), record.readBigUInt64LE(JAR.tips)], [42n, 2n]);
    ledger.ok(eve, emptyJar(owner, 1n, NATIVE));
    assert.deepEqual([ledger.holds(owner), ledger.holds(fan)], [42n, 58n]);
    ledger.refused(REFUSED.missing, owner, emptyJar(owner, 1n, NATIVE));
  });

  it('refuses what an attacker would try', () => {
    const ledger = opened();
    ledger.ok(fan, tipInto(fan, jar, NATIVE, 30n));
    ledger.refused(REFUSED.exists, owner, openJar(owner, 1n, NATIVE));
    ledger.refused(REFUSED.party, eve, openJar(owner, 2n, NATIVE));
    for (const amount of [0n, MAX_AMOUNT + 1n, U64_MAX]) {
      ledger.refused(REFUSED.amount, fan, tipInto(fan, jar, NATIVE, amount));
    }
    ledger.refused(REFUSED.funds, fan, tipInto(fan, jar, NATIVE, 71n));
    ledger.refused(REFUSED.asset, fan, tipInto(fan, jar, assetId(1), 1n));
    for (const key of [accountKey(eve), balanceKey(owner, assetId(1))]) {
      const raw = tampered(eve, emptyJar(owner, 1n, NATIVE), (change) => {
        change.credits = [key];
      });
      ledger.refusedRaw(REFUSED.recipient, eve, raw);
    }
    const noJar = tampered(eve, emptyJar(owner, 1n, NATIVE), (change) => {
      change.writes = [accountKey(owner)];
    });
    ledger.refusedRaw(REFUSED.key, eve, noJar);
  });

  it('is unknown to the network', () => {
    const ledger = new TestLedger();
    ledger.refused(STATUS.unknownProgram, owner, openJar(owner, 1n, NATIVE));
  });

  it('keeps the rules for programs but for where it stands', () => {
    const source = readFileSync(new URL('./tip-jar.ts', import.meta.url), 'utf8');
    const found = checkProgram(source.replaceAll('../../../../src/ledger/', '../'), 'tip-jar.ts');
    assert.deepEqual(found, []);
  });
});
