import { ASSET_BYTES } from '../../../../src/ledger/constants.ts';
import type { Context, Program } from '../../../../src/ledger/program/interface.ts';
import { type Call, callOf } from '../../../../src/ledger/programs/call.ts';
import { debit, HOLDING_SPACES, holdingKey, pay } from '../../../../src/ledger/programs/holdings.ts';
import { ownedKey, ownerOf, requireNewOwned, requireRecord } from '../../../../src/ledger/programs/spaces.ts';
import { REFUSED, REFUSED_NAMES } from '../../../../src/ledger/programs/statuses.ts';

/** The worked example of docs/ledger-programs.md: anybody tips, the owner empties the jar. Not part of the network. */

const TIP_JAR = 200;
const SPACE = 200;
const PREFIX: Uint8Array = new Uint8Array([SPACE]);
/** Key `[200][owner 20][tag u64][zero 3]`. */
export const JAR = { amount: 0, tips: 8, asset: 16, bytes: 32 } as const;

/** {jar u8, asset 11}, by the owner. */
function open(context: Context): void {
  context.require(context.argumentsLength === 12, REFUSED.malformed);
  const jar = context.argU8(0);
  requireNewOwned(context, jar, SPACE);
  context.create(jar, JAR.bytes);
  context.setBytes(jar, JAR.asset, context.argBytes(1, ASSET_BYTES));
}

/** {amount u64, jar u8, from u8}, by anybody. */
function tip(context: Context): void {
  context.require(context.argumentsLength === 10, REFUSED.malformed);
  const amount = context.argU64(0);
  const jar = context.argU8(8);
  requireRecord(context, jar, PREFIX);
  debit(context, context.argU8(9), context.bytes(jar, JAR.asset, ASSET_BYTES), amount);
  context.setU64(jar, JAR.amount, context.u64(jar, JAR.amount) + amount);
  context.setU64(jar, JAR.tips, context.u64(jar, JAR.tips) + 1n);
}

/** {jar u8, to u8}: all of it goes to the owner, whoever signs, and the jar is gone. */
function empty(context: Context): void {
  context.require(context.argumentsLength === 2, REFUSED.malformed);
  const jar = context.argU8(0);
  requireRecord(context, jar, PREFIX);
  const amount = context.u64(jar, JAR.amount);
  pay(context, context.argU8(1), ownerOf(context, jar), context.bytes(jar, JAR.asset, ASSET_BYTES), amount);
  context.remove(jar);
}

export const tipJar: Program = {
  id: TIP_JAR,
  name: 'tipJar',
  spaces: [...HOLDING_SPACES, SPACE],
  operations: new Map([
    [0, { name: 'open', gas: 50, run: open }],
    [1, { name: 'tip', gas: 50, run: tip }],
    [2, { name: 'empty', gas: 50, run: empty }],
  ]),
  statuses: REFUSED_NAMES,
};

export const jarKey = (owner: Uint8Array, tag: bigint): Uint8Array => ownedKey(SPACE, owner, tag);

export function openJar(owner: Uint8Array, tag: bigint, asset: Uint8Array): Call {
  const jar = jarKey(owner, tag);
  return callOf(TIP_JAR, 0, { writes: [jar] }, (at, out) => out.u8(at.write(jar)).bytes(asset, ASSET_BYTES));
}

export function tipInto(signer: Uint8Array, jar: Uint8Array, asset: Uint8Array, amount: bigint): Call {
  const from = holdingKey(signer, asset);
  return callOf(TIP_JAR, 1, { writes: [jar, from] }, (at, out) => out.u64(amount).u8(at.write(jar)).u8(at.write(from)));
}

export function emptyJar(owner: Uint8Array, tag: bigint, asset: Uint8Array): Call {
  const [jar, to] = [jarKey(owner, tag), holdingKey(owner, asset)];
  return callOf(TIP_JAR, 2, { writes: [jar], credits: [to] }, (at, out) => out.u8(at.write(jar)).u8(at.credit(to)));
}
