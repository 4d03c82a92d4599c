import { toHex } from '../../../../src/base/bytes.ts';
import { createSigner, generateKeyPair, type SignatureAlgorithm } from '../../../../src/crypto/signatures/index.ts';
import { addressOf } from '../../../../src/ledger/hashes.ts';
import { assembleCalls, type Call } from '../../../../src/ledger/programs/call.ts';
import { encodeBody, joinSignature, transactionId } from '../../../../src/ledger/transaction/codec.ts';
import type { TransactionBody } from '../../../../src/ledger/transaction/interface.ts';

/** Somebody with an account, whose key comes from a number: the same in every process. */
export interface Person {
  readonly address: Uint8Array;
  /** A signed transaction of these calls. */
  sign(network: Uint8Array, sequence: bigint, calls: readonly Call[], more?: Partial<TransactionBody>): Uint8Array;
}

export function person(number: number, algorithm: SignatureAlgorithm = 1): Person {
  const seed = new Uint8Array(algorithm === 3 ? 64 : 32).fill(number);
  const { publicKey } = generateKeyPair(algorithm, seed);
  const signer = createSigner(algorithm, seed);
  const address = addressOf(algorithm, publicKey);
  return {
    address,
    sign(network, sequence, calls, more = {}) {
      const body = encodeBody({
        algorithm,
        network,
        signer: address,
        sequence,
        tagged: false,
        validFrom: 0n,
        validUntil: 100_000n,
        gasLimit: 100_000,
        gasPrice: 1n,
        ...assembleCalls(address, calls),
        proof: undefined,
        ...more,
      });
      return joinSignature(body, publicKey, signer.sign(transactionId(body)));
    },
  };
}

/** A genesis in which each has the same. */
export function genesisOf(people: readonly Person[], each = 1_000_000_000n) {
  const [first] = people;
  return {
    name: 'tests',
    time: 1_700_000_000_000,
    feeAccount: toHex(first?.address ?? new Uint8Array(20)),
    balances: Object.fromEntries(people.map(({ address }) => [toHex(address), String(each)])),
  };
}
