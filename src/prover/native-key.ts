import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { ArtifactError, ArtifactErrorCode } from '../artifacts/errors.ts';
import { readPublicSignals } from '../artifacts/wtns.ts';
import { messageOf } from '../base/errors.ts';
import { bytesToInteger } from '../base/field.ts';
import type { NativeAddon, NativeProvingKey } from '../base/native/interface.ts';
import type { Groth16Proof } from '../claims/interface.ts';
import type { PartListener, ProofBackend } from './backend.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { ProofResult } from './interface.ts';

export interface NativeKeyOptions {
  /** Default: every core. */
  threads?: number | undefined;
  tables?: TableOptions | undefined;
}

/** Tables of shifted bases: made once per key, some 80 MB each, they save a third of every proof. */
export interface TableOptions {
  directory: string;
  /** Bytes that all tables of the folder may take together; 0: none are made. */
  limitBytes: number;
}

/** A proving key in the hands of the addon, which maps the file and verifies every proof before it gives it out. */
export class NativeKey implements ProofBackend {
  readonly kind = 'native';
  readonly #addon: NativeAddon;
  readonly #key: NativeProvingKey;
  readonly #threads: number;
  readonly #tables: TableOptions | undefined;
  readonly #where: string;
  #making: Promise<void> | undefined;

  private constructor(addon: NativeAddon, key: NativeProvingKey, path: string, options: NativeKeyOptions) {
    this.#addon = addon;
    this.#key = key;
    this.#threads = threadsOf(options);
    this.#tables = options.tables;
    this.#where = basename(path);
  }

  /** @throws ArtifactError ARTIFACT_FORMAT_INVALID; ProverError PROVER_KEY_UNREADABLE */
  static async open(addon: NativeAddon, path: string, options: NativeKeyOptions = {}): Promise<NativeKey> {
    try {
      const threads = threadsOf(options);
      const key = await addon.openProvingKey(path, { threads, tableDirectory: options.tables?.directory });
      return new NativeKey(addon, key, path, options);
    } catch (error) {
      throw translate(error, basename(path));
    }
  }

  get wires(): number {
    return this.#key.wires;
  }

  get threads(): number {
    return this.#threads;
  }

  get tables(): 'in use' | 'none' {
    return this.#key.hasTables ? 'in use' : 'none';
  }

  /** Why there were no tables when the key was opened. */
  get tablesNote(): string | undefined {
    return this.#key.tablesNote ?? undefined;
  }

  /** Bytes of key and tables that are mapped: they count as memory of the process, but can be dropped at any time. */
  get mappedBytes(): number {
    return this.#key.mappedBytes;
  }

  /**
   * Makes the tables where they are missing, seconds of work; the next proof uses them. Calls under way are shared.
   * @throws ProverError PROVER_TABLES_UNAVAILABLE
   */
  async makeTables(): Promise<void> {
    const { directory, limitBytes } = this.#tables ?? {};
    if (directory === undefined || !limitBytes || this.#key.hasTables) return;
    this.#making ??= this.#key.makeTables({ directory, limitBytes, threads: this.#threads });
    try {
      await this.#making;
    } catch (error) {
      throw translate(error, this.#where);
    } finally {
      this.#making = undefined;
    }
  }

  async prove(witness: Uint8Array, onPart: PartListener, signal?: AbortSignal): Promise<ProofResult> {
    const cancel = new this.#addon.NativeCancel();
    let thrown: { error: unknown } | undefined;
    // The addon calls from outside: what a listener throws there would end the process.
    const onProgress = (fraction: number): void => {
      try {
        onPart('multiexp', fraction);
      } catch (error) {
        thrown ??= { error };
        cancel.cancel();
      }
    };
    const onAbort = (): void => cancel.cancel();
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const bytes = await this.#key.prove(witness, this.#threads, cancel, onProgress);
      return { proof: formatProof(bytes), publicSignals: readPublicSignals(witness, this.#key.publicSignals) };
    } catch (error) {
      throw thrown === undefined ? translate(error, this.#where) : thrown.error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

const threadsOf = ({ threads }: NativeKeyOptions): number => threads ?? availableParallelism();

/** snarkjs's proof.json of A (64), B (128), C (64 bytes). */
function formatProof(bytes: Uint8Array): Groth16Proof {
  const coordinate = (index: number) => bytesToInteger(bytes.subarray(index * 32, index * 32 + 32)).toString();
  return {
    pi_a: [coordinate(0), coordinate(1), '1'],
    pi_b: [
      [coordinate(2), coordinate(3)],
      [coordinate(4), coordinate(5)],
      ['1', '0'],
    ],
    pi_c: [coordinate(6), coordinate(7), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}

/** `CODE: text` of the addon in the words of this folder; codes as those of the WASM engine. */
function translate(error: unknown, where: string): unknown {
  const [, code = '', text = ''] = /^(NATIVE_[A-Z_]+): (.*)$/s.exec(messageOf(error)) ?? [];
  switch (code) {
    case '':
      return error;
    case 'NATIVE_FORMAT_INVALID':
    case 'NATIVE_PROTOCOL_UNSUPPORTED':
    case 'NATIVE_CURVE_UNSUPPORTED':
      return new ArtifactError(ArtifactErrorCode.FormatInvalid, text, { where });
    case 'NATIVE_FILE_UNREADABLE':
      return new ProverError(ProverErrorCode.KeyUnreadable, `cannot read ${where}: ${text}`, { where });
    case 'NATIVE_WITNESS_LENGTH':
    case 'NATIVE_WITNESS_RANGE':
      return new ProverError(ProverErrorCode.WitnessInvalid, text, { where: 'witness' });
    case 'NATIVE_UNSATISFIED':
      return new ProverError(ProverErrorCode.Unsatisfied, text, {
        where: 'witness',
        hint: 'witness and key are of different circuits, or the witness was changed',
      });
    case 'NATIVE_TABLE_LIMIT':
    case 'NATIVE_TABLE_UNWRITABLE':
    case 'NATIVE_TABLE_FOLDER_OPEN':
      return new ProverError(ProverErrorCode.TablesUnavailable, text, {
        hint: 'proofs go on without tables; see prover.tableDir and prover.tableMegabytes',
      });
    case 'NATIVE_CANCELLED':
      return new ProverError(ProverErrorCode.Cancelled, 'the proof was cancelled');
    default:
      return new ProverError(ProverErrorCode.Crashed, `${code}: ${text}`);
  }
}
