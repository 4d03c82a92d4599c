import assert from 'node:assert/strict';
import { fromHex } from '../../src/base/bytes.ts';
import { SPACES } from '../../src/ledger/constants.ts';
import type { PlainState } from '../../src/ledger/execute/baseline.ts';
import { ASSET_OPS, ASSET_RECORD, ASSETS } from '../../src/ledger/programs/assets/program.ts';
import { ESCROW_RECORD } from '../../src/ledger/programs/escrow/program.ts';
import { KINDS as LENDING_KINDS, POOL_RECORD, POSITION_RECORD } from '../../src/ledger/programs/lending/records.ts';
import { OFFER_RECORD } from '../../src/ledger/programs/settlement/program.ts';
import { SPACE } from '../../src/ledger/programs/spaces.ts';
import { TREASURY_RECORD, KINDS as VOTE_KINDS } from '../../src/ledger/programs/vote/records.ts';
import type { Transaction } from '../../src/ledger/transaction/interface.ts';

export const NATIVE_HEX = '00'.repeat(11);
const hex = (bytes: Uint8Array, offset: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset + offset, 11).toString('hex');
const u64 = (bytes: Uint8Array, offset: number) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(offset, true);

/**
 * Everything there is of each asset, by the hex of its id, read off the records themselves: accounts, balances, escrows,
 * offers, treasuries, pools and their collateral. Checks that pools are the sums of their positions on the way.
 */
export function sumsOf(state: PlainState): { sums: Map<string, bigint>; supplies: Map<string, bigint> } {
  const sums = new Map<string, bigint>();
  const supplies = new Map<string, bigint>();
  const add = (asset: string, amount: bigint) => sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  const positions = new Map<string, { shares: bigint; scaledDebt: bigint; collateral: bigint }>();
  const pools: [id: string, record: Uint8Array][] = [];
  for (const [key, record] of state) {
    const space = Number.parseInt(key.slice(0, 2), 16);
    const kind = Number.parseInt(key.slice(2, 4), 16);
    if (space === SPACES.account || space === SPACES.balance) add(key.slice(42), u64(record, 0));
    else if (space === SPACES.asset) supplies.set(key.slice(2, 24), u64(record, ASSET_RECORD.supply));
    else if (space === SPACE.escrow) add(hex(record, ESCROW_RECORD.asset), u64(record, ESCROW_RECORD.amount));
    else if (space === SPACE.settlement) add(hex(record, OFFER_RECORD.goodsAsset), u64(record, OFFER_RECORD.goods));
    else if (space === SPACE.vote && kind === VOTE_KINDS.treasury) {
      add(hex(record, TREASURY_RECORD.asset), u64(record, TREASURY_RECORD.amount));
    } else if (space === SPACE.lending && kind === LENDING_KINDS.pool) pools.push([key.slice(4, 24), record]);
    else if (space === SPACE.lending && kind === LENDING_KINDS.position) {
      const id = key.slice(4, 24);
      const sum = positions.get(id) ?? { shares: 0n, scaledDebt: 0n, collateral: 0n };
      sum.shares += u64(record, POSITION_RECORD.shares);
      sum.scaledDebt += u64(record, POSITION_RECORD.scaledDebt);
      sum.collateral += u64(record, POSITION_RECORD.collateral);
      positions.set(id, sum);
    }
  }
  for (const [id, record] of pools) {
    const sum = positions.get(id) ?? { shares: 0n, scaledDebt: 0n, collateral: 0n };
    assert.equal(u64(record, POOL_RECORD.shares), sum.shares, `shares of pool ${id}`);
    assert.equal(u64(record, POOL_RECORD.scaledDebt), sum.scaledDebt, `debts of pool ${id}`);
    add(hex(record, POOL_RECORD.lentAsset), u64(record, POOL_RECORD.cash));
    add(hex(record, POOL_RECORD.collateralAsset), sum.collateral);
    positions.delete(id);
  }
  assert.equal(positions.size, 0, 'a position without a pool');
  return { sums, supplies };
}

/** What a transaction that succeeded declares to have minted (above 0) and burnt (below), read off its operations. */
export function declaredChanges({ writes, operations }: Transaction): [asset: string, change: bigint][] {
  return operations.flatMap(({ program, operation, arguments: args }): [string, bigint][] => {
    const isMint = operation === ASSET_OPS.mint;
    if (program !== ASSETS || !(isMint || operation === ASSET_OPS.burn)) return [];
    const key = writes[(args[isMint ? 8 : 9] ?? 0) - 1] ?? new Uint8Array(32);
    return [[hex(key, 1), isMint ? u64(args, 0) : -u64(args, 0)]];
  });
}

export function keyOf(name: string): Uint8Array {
  return fromHex(name, 32) ?? new Uint8Array(32);
}
