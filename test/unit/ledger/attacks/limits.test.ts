import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSignatureChecker } from '../../../../src/crypto/signatures/index.ts';
import { checkBatch } from '../../../../src/ledger/admission/check-batch.ts';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { STATUS } from '../../../../src/ledger/constants.ts';
import { BaselineExecutor } from '../../../../src/ledger/execute/baseline.ts';
import { GAS } from '../../../../src/ledger/program/gas.ts';
import { unaffordable } from '../../../../src/ledger/table-accounts.ts';
import { leastGasLimit } from '../../../../src/ledger/transaction/form-gas.ts';
import type { TransactionBody } from '../../../../src/ledger/transaction/interface.ts';
import { judgeBlock, transactionOf } from '../../../property/ledger-judge.ts';
import { PROGRAMS } from '../../../property/ledger-script.ts';
import { FEE_ACCOUNT, NETWORK, person } from '../../../property/ledger-worlds.ts';

const OPERATION = { program: 99, operation: 0 };

function bodyOf(gasLimit: number, argumentBytes = 0): TransactionBody {
  const operations = Array.from({ length: argumentBytes === 0 ? 1 : 16 }, () => ({
    ...OPERATION,
    arguments: new Uint8Array(argumentBytes),
  }));
  return {
    ...{ algorithm: 1, network: NETWORK, signer: person(0), sequence: 0n, tagged: false, proof: undefined, operations },
    ...{ validFrom: 0n, validUntil: 9n, gasLimit, gasPrice: 1n, writes: [], reads: [], credits: [] },
  };
}

/** What the check of form says; no signature holds here, and none is looked at where the form is refused. */
async function refusalOf(body: TransactionBody): Promise<{ code?: string; where?: string | undefined } | undefined> {
  const signatures = createSignatureChecker({ portable: true });
  const batch = batchOf([transactionOf(body).bytes]);
  const { refusals } = await checkBatch(batch, { network: NETWORK, signatures, proofs: undefined });
  return refusals[0];
}

describe('fee griefing by limits', () => {
  it('a limit below what the form alone takes is refused: nobody takes a place, bytes and checks for 1 gas', async () => {
    const least = leastGasLimit(batchOf([transactionOf(bodyOf(1)).bytes]), 0);
    assert.ok(least > GAS.transaction + 3_000);
    for (const limit of [1, least - 1]) {
      const refusal = await refusalOf(bodyOf(limit));
      assert.deepEqual([refusal?.code, refusal?.where], ['LEDGER_TRANSACTION_INVALID', 'gasLimit']);
    }
    assert.equal((await refusalOf(bodyOf(least)))?.code, 'LEDGER_TRANSACTION_UNSIGNED');
  });

  it('a limit below what its bytes are of a block is refused: nobody fills a block’s bytes for a part of its gas', async () => {
    const { bytes } = transactionOf(bodyOf(1, 1024));
    const room = bytes.length * GAS.roomByte;
    assert.ok(room > 100_000);
    assert.equal((await refusalOf(bodyOf(room - 1, 1024)))?.where, 'gasLimit');
    assert.equal((await refusalOf(bodyOf(room, 1024)))?.code, 'LEDGER_TRANSACTION_UNSIGNED');
  });

  it('proofs that a signer cannot pay for together are not checked', () => {
    const proof = { circuit: 1, signals: [new Uint8Array(32)], proof: new Uint8Array(256) };
    const limit = 100_000;
    const all = [0n, 1n, 2n].map((sequence) => transactionOf({ ...bodyOf(limit), sequence, proof }).bytes);
    const batch = batchOf(all);
    const accounts = { account: () => ({ balance: BigInt(2 * limit), nonce: 0n }), tagSpent: () => false };
    const refuse = unaffordable(accounts, 1n);
    const codes = all.map((_, i) => refuse(batch, batch.offsets[i] ?? 0)?.code);
    assert.deepEqual(codes, [undefined, undefined, 'LEDGER_TRANSACTION_REFUSED']);
  });

  it('the form’s gas is what the judge charges for it', () => {
    for (const body of [bodyOf(900_000), bodyOf(900_000, 40), { ...bodyOf(900_000), tagged: true }]) {
      const genesis = new Map([[Buffer.from([1, ...person(0), ...new Uint8Array(11)]).toString('hex'), rich()]]);
      const judge = new BaselineExecutor(genesis, PROGRAMS, NETWORK, FEE_ACCOUNT);
      const transaction = transactionOf(body);
      const [receipt] = judgeBlock(judge, [transaction], 1n).receipts;
      assert.equal(receipt?.status, STATUS.unknownProgram);
      const least = leastGasLimit(batchOf([transaction.bytes]), 0);
      assert.equal(Math.max(receipt?.gasUsed ?? 0, transaction.bytes.length * GAS.roomByte), least);
    }
  });
});

function rich(): Uint8Array {
  const record = new Uint8Array(16);
  new DataView(record.buffer).setBigUint64(0, 10n ** 12n, true);
  return record;
}
