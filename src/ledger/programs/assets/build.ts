import { ADDRESS_BYTES } from '../../constants.ts';
import { LedgerError } from '../../errors.ts';
import { assetKey, balanceKey } from '../../keys.ts';
import { type Call, callOf } from '../call.ts';
import { holdingKey, NATIVE } from '../holdings.ts';
import { ASSET_OPS, ASSETS, FLAG_BURNABLE, MAX_RECIPIENTS } from './program.ts';

/** Builders of program 1. Addresses are 20 bytes, assets 11, amounts in the asset's smallest unit. */

/** Moves `amount` from the signer to another. */
export function transfer(signer: Uint8Array, to: Uint8Array, amount: bigint, asset: Uint8Array = NATIVE): Call {
  const from = holdingKey(signer, asset);
  const into = holdingKey(to, asset);
  return callOf(ASSETS, ASSET_OPS.transfer, { writes: [from], credits: [into] }, (at, out) =>
    out.u64(amount).u8(at.write(from)).u8(at.credit(into)),
  );
}

export interface Payment {
  readonly to: Uint8Array;
  readonly amount: bigint;
}

/** @throws LEDGER_TRANSACTION_INVALID unless there are 1 to 32 payments */
export function multiTransfer(signer: Uint8Array, payments: readonly Payment[], asset: Uint8Array = NATIVE): Call {
  if (payments.length === 0 || payments.length > MAX_RECIPIENTS) {
    throw new LedgerError('LEDGER_TRANSACTION_INVALID', `a multi-transfer pays 1 to ${MAX_RECIPIENTS} recipients`);
  }
  const from = holdingKey(signer, asset);
  const credits = payments.map(({ to }) => holdingKey(to, asset));
  return callOf(ASSETS, ASSET_OPS.multiTransfer, { writes: [from], credits }, (at, out) => {
    out.u8(payments.length).u8(at.write(from)).bytes(new Uint8Array(6), 6);
    for (const { amount } of payments) out.u64(amount);
    for (const key of credits) out.u8(at.credit(key));
    return out;
  });
}

export interface NewAsset {
  /** 11 bytes, not all zero; the first to take an id has it. */
  readonly asset: Uint8Array;
  /** Who may mint. */
  readonly authority: Uint8Array;
  /** 0 to 18; only faces use it. */
  readonly decimals: number;
  readonly burnable: boolean;
}

export function createAsset({ asset, authority, decimals, burnable }: NewAsset): Call {
  const key = assetKey(asset);
  return callOf(ASSETS, ASSET_OPS.create, { writes: [key] }, (at, out) =>
    out
      .u8(at.write(key))
      .u8(decimals)
      .u8(burnable ? FLAG_BURNABLE : 0)
      .bytes(authority, ADDRESS_BYTES),
  );
}

export function mint(asset: Uint8Array, to: Uint8Array, amount: bigint): Call {
  const key = assetKey(asset);
  const into = balanceKey(to, asset);
  return callOf(ASSETS, ASSET_OPS.mint, { writes: [key], credits: [into] }, (at, out) =>
    out.u64(amount).u8(at.write(key)).u8(at.credit(into)),
  );
}

export function burn(signer: Uint8Array, asset: Uint8Array, amount: bigint): Call {
  const key = assetKey(asset);
  const from = balanceKey(signer, asset);
  return callOf(ASSETS, ASSET_OPS.burn, { writes: [from, key] }, (at, out) =>
    out.u64(amount).u8(at.write(from)).u8(at.write(key)),
  );
}

/** @param authority twenty zeros end minting for ever */
export function handOverAsset(asset: Uint8Array, authority: Uint8Array): Call {
  const key = assetKey(asset);
  return callOf(ASSETS, ASSET_OPS.handOver, { writes: [key] }, (at, out) =>
    out.u8(at.write(key)).bytes(authority, ADDRESS_BYTES),
  );
}
