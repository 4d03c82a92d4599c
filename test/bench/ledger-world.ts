/** One million accounts, and blocks of transactions over them in the memory that the ledger reads. */
import { type BlockBatch, openBatch } from '../../src/ledger/block/batch.ts';
import { ADDRESS_BYTES, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../../src/ledger/constants.ts';
import { openGenesis } from '../../src/ledger/genesis.ts';
import { accountKey } from '../../src/ledger/keys.ts';
import { transfer } from '../../src/ledger/programs/assets/build.ts';
import { assembleCalls, type Call } from '../../src/ledger/programs/call.ts';
import { StateTable } from '../../src/ledger/state/table.ts';
import { encodeBody } from '../../src/ledger/transaction/codec.ts';
import { AT, witnessBytes } from '../../src/ledger/transaction/layout.ts';
import { GENESIS } from './ledger-genesis.ts';
import { randomFrom } from './ledger-random.ts';

export const { network: NETWORK, feeAccount: FEE_ACCOUNT } = openGenesis(GENESIS);

const BALANCE = 10n ** 12n;
const GAS_LIMIT = 400_000;
/** Heights in which all transactions hold. */
const VALID_UNTIL = 100_000n;
/** Slots beside accounts, for records that programs make. */
const ROOM = 600_000;

export interface LedgerWorld {
  readonly table: StateTable;
  readonly accounts: number;
  readonly capacity: number;
  /** The next nonce of each account. */
  readonly nonces: Uint32Array;
  address(account: number): Uint8Array;
}

/** @param publicKeyAddresses of the first accounts, for those that sign; the others' keys nobody knows */
export function makeWorld(accounts: number, publicKeyAddresses: readonly Uint8Array[] = []): LedgerWorld {
  const capacity = accounts + ROOM;
  const table = new StateTable(capacity, accounts);
  const bytes = new Uint8Array(accounts * ADDRESS_BYTES);
  const words = new Uint32Array(bytes.buffer);
  const random = randomFrom(4);
  for (let i = 0; i < words.length; i += 1) words[i] = random() * 2 ** 32;
  publicKeyAddresses.forEach((address, i) => {
    bytes.set(address, i * ADDRESS_BYTES);
  });
  const record = freshAccount();
  const address = (account: number) => bytes.subarray(account * ADDRESS_BYTES, (account + 1) * ADDRESS_BYTES);
  for (let account = 0; account < accounts; account += 1) table.put(accountKey(address(account)), record);
  table.put(accountKey(FEE_ACCOUNT), record);
  return { table, accounts, capacity, nonces: new Uint32Array(accounts), address };
}

/** The record of an account that has signed nothing. */
export function freshAccount(): Uint8Array {
  const record = new Uint8Array(16);
  new DataView(record.buffer).setBigUint64(0, BALANCE, true);
  return record;
}

/** Canonical bytes of a body by an account; its nonce is taken. */
export function bodyOf(
  world: LedgerWorld,
  account: number,
  calls: readonly Call[],
  algorithm: SignatureAlgorithm = SIGNATURE_ALGORITHMS.ed25519,
): Uint8Array {
  const signer = world.address(account);
  const sequence = BigInt(world.nonces[account] ?? 0);
  world.nonces[account] = Number(sequence) + 1;
  return encodeBody({
    algorithm,
    network: NETWORK,
    signer,
    sequence,
    tagged: false,
    validFrom: 0n,
    validUntil: VALID_UNTIL,
    gasLimit: GAS_LIMIT,
    gasPrice: 1n,
    ...assembleCalls(signer, calls),
    proof: undefined,
  });
}

/** A block of bodies with room for public keys and signatures, which only signed rows fill. */
export function blockOf(bodies: readonly Uint8Array[], algorithm?: SignatureAlgorithm): BlockBatch {
  const witness = witnessBytes(algorithm ?? SIGNATURE_ALGORITHMS.ed25519);
  const total = bodies.reduce((sum, { length }) => sum + length + witness, 0);
  const bytes = new Uint8Array(new SharedArrayBuffer(total));
  const offsets = new Uint32Array(new SharedArrayBuffer((bodies.length + 1) * 4));
  let at = 0;
  bodies.forEach((body, i) => {
    bytes.set(body, at);
    at += body.length + witness;
    offsets[i + 1] = at;
  });
  return openBatch(bytes.buffer, offsets);
}

/**
 * A block of transfers of the native asset, one operation each, written over a template: 10,000 in some milliseconds.
 * @param pick accounts that sign @param payee accounts that are paid
 */
export function transferBlock(
  world: LedgerWorld,
  count: number,
  pick: () => number,
  payee: () => number,
  algorithm: SignatureAlgorithm = SIGNATURE_ALGORITHMS.ed25519,
): BlockBatch {
  const [one, other] = [world.address(0), world.address(1)];
  const taken = world.nonces[0] ?? 0;
  const template = bodyOf(world, 0, [transfer(one, other, 5n)], algorithm);
  world.nonces[0] = taken;
  const length = template.length + witnessBytes(algorithm);
  const bytes = new Uint8Array(new SharedArrayBuffer(length * count));
  const words = new Uint32Array(bytes.buffer);
  const offsets = new Uint32Array(new SharedArrayBuffer((count + 1) * 4));
  for (let i = 0; i < count; i += 1) {
    const at = i * length;
    const signer = pick();
    bytes.set(template, at);
    bytes.set(world.address(signer), at + AT.signer);
    const nonce = world.nonces[signer] ?? 0;
    words[(at + AT.sequence) >> 2] = nonce;
    world.nonces[signer] = nonce + 1;
    // The only key is the credited account's: its space, then the address.
    bytes.set(world.address(payee()), at + AT.keys + 1);
    offsets[i + 1] = at + length;
  }
  return openBatch(bytes.buffer, offsets);
}
