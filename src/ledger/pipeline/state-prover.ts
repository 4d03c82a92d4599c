import { LedgerError } from '../errors.ts';
import type { Hasher } from '../hasher/work.ts';
import type { StateProof } from '../interface.ts';
import { pathOf, proveState } from '../state/proof.ts';
import { encodeStateProof } from '../state/proof-codec.ts';
import type { StateTable } from '../state/table.ts';
import { ledgerHashes } from '../state/tree-hashes.ts';
import type { BlockPipeline } from './pipeline.ts';

/** Proofs that may be asked for and not made yet. */
const MOST_WAITING = 256;

interface Request {
  readonly key: Uint8Array;
  resolve(proof: StateProof): void;
  reject(error: Error): void;
}

export interface StateProverParts {
  readonly pipeline: BlockPipeline;
  readonly hasher: Hasher;
  readonly table: StateTable;
}

/** Makes state proofs between two blocks: one pause serves all who have asked by then. */
export class StateProver {
  readonly #parts: StateProverParts;
  #waiting: Request[] = [];

  constructor(parts: StateProverParts) {
    this.#parts = parts;
  }

  /** @throws LEDGER_MEMPOOL_FULL if too many are asked for at once */
  prove(key: Uint8Array): Promise<StateProof> {
    if (this.#waiting.length >= MOST_WAITING) {
      const error = new LedgerError('LEDGER_MEMPOOL_FULL', 'too many proofs are asked for', {
        hint: 'ask again in a second',
      });
      return Promise.reject(error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<StateProof>();
    this.#waiting.push({ key, resolve, reject });
    if (this.#waiting.length === 1) {
      this.#parts.pipeline
        .pause(() => this.#proveAll(this.#waiting.splice(0)))
        .catch((error: Error) => {
          for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
        });
    }
    return promise;
  }

  async #proveAll(asked: readonly Request[]): Promise<void> {
    const { pipeline, hasher, table } = this.#parts;
    const { header } = pipeline.head;
    for (const { key, resolve, reject } of asked) {
      try {
        const trace = await hasher.trace(pathOf(key, ledgerHashes));
        const { value, proof } = proveState({ trace: () => trace }, key, (slot) => table.valueOf(slot));
        resolve({ header, record: value, proof: encodeStateProof(proof) });
      } catch (error) {
        reject(error as Error);
      }
    }
  }
}
