import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../../../src/base/bytes.ts';
import { createSigner } from '../../../src/crypto/signatures/index.ts';
import { addressOf } from '../../../src/ledger/hashes.ts';
import type { Ledger } from '../../../src/ledger/interface.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import type { LedgerOptions } from '../../../src/ledger/options.ts';
import type { Call } from '../../../src/ledger/programs/call.ts';
import { assembleCalls } from '../../../src/ledger/programs/call.ts';
import { encodeBody, joinSignature, transactionId } from '../../../src/ledger/transaction/codec.ts';

export interface Party {
  signer: ReturnType<typeof createSigner>;
  address: Uint8Array;
  hex: string;
}

/** The same key for the same number. */
export function party(number: number, algorithm: 1 | 2 | 3 = 1): Party {
  const signer = createSigner(algorithm, new Uint8Array(algorithm === 3 ? 64 : 32).fill(number));
  const address = addressOf(algorithm, signer.publicKey);
  return { signer, address, hex: toHex(address) };
}

export const ALICE = party(1);
export const BOB = party(2);
export const CAROL = party(3, 2);
export const HOUSE = party(9);
export const RICH = 1_000_000_000_000n;

export const GENESIS = {
  name: 'of tests',
  time: 1_700_000_000_000,
  feeAccount: HOUSE.hex,
  balances: { [ALICE.hex]: String(RICH), [BOB.hex]: String(RICH), [CAROL.hex]: String(RICH) },
};

export interface Signing {
  nonce?: bigint;
  network?: Uint8Array;
  gasLimit?: number;
}

/** A signed transaction of calls. */
export function signed(
  ledger: { network: Uint8Array },
  by: Party,
  calls: readonly Call[],
  options: Signing = {},
): Uint8Array {
  const body = encodeBody({
    ...assembleCalls(by.address, calls),
    algorithm: by.signer.algorithm,
    network: options.network ?? ledger.network,
    signer: by.address,
    sequence: options.nonce ?? 0n,
    tagged: false,
    validFrom: 0n,
    validUntil: 1000n,
    gasLimit: options.gasLimit ?? 100_000,
    gasPrice: 1n,
    proof: undefined,
  });
  return joinSignature(body, by.signer.publicKey, by.signer.sign(transactionId(body)));
}

/** A real ledger in a folder of its own, quick to answer. */
export async function makeLedger(
  options: Partial<LedgerOptions> = {},
): Promise<{ ledger: Ledger; close(): Promise<void> }> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'zkb-ledger-')));
  const ledger = await openLedger({
    genesis: GENESIS,
    lanes: 0,
    capacity: 4096,
    blockTime: 5,
    hasherThread: false,
    ...options,
    folder,
  });
  return {
    ledger,
    async close() {
      await ledger.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
