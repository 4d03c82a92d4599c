import { allocateWitnessFile } from '../artifacts/wtns.ts';
import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { flattenInputs, invalid } from './inputs.ts';
import type { CircuitInputs } from './interface.ts';
import { signalHash } from './signal-hash.ts';

/**
 * Runs the WebAssembly that circom makes of a circuit. Written against the ABI of circom 2.2
 * (code_producers/src/wasm_elements). The instance is kept and used again: building it costs more than using it.
 *
 * circom's own runtime prints to the console and lets `log()` of a circuit write signal values; this one never writes
 * anywhere, and keeps of a failed assertion only the names and lines of its templates.
 */
interface CircomExports {
  init(sanityCheck: number): void;
  getFieldNumLen32(): number;
  getRawPrime(): void;
  getWitnessSize(): number;
  getInputSize(): number;
  /** Missing before circom 2.0.7 or so; then only the sum of all values is checked. */
  getInputSignalSize?(hashHigh: number, hashLow: number): number;
  setInputSignal(hashHigh: number, hashLow: number, position: number): void;
  writeSharedRWMemory(index: number, word: number): void;
  readSharedRWMemory(index: number): number;
  getWitness(index: number): void;
  getMessageChar(): number;
}

/** 32-bit words of one field element. */
const WORDS = 8;
/** circom's exception codes that are about the inputs' names and number; 4 is a failed assertion. */
const ASSERTION_FAILED = 4;
// "Error in template Credential_42 line: 12": the number after the name is the compiler's own.
const TEMPLATE_LINE = /template ([A-Za-z_$][A-Za-z0-9_$]*?)_\d+ line: (\d+)/g;

export class WitnessCalculator {
  readonly #module: WebAssembly.Module;
  #instance: CircomExports | undefined;
  #messages: string[] = [];
  #exception: number | undefined;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** Compiles the circuit's WebAssembly once. */
  static async create(wasm: Uint8Array): Promise<WitnessCalculator> {
    return new WitnessCalculator(await WebAssembly.compile(new Uint8Array(wasm)));
  }

  /**
   * The witness as a .wtns file and as its bare values (32 bytes little-endian each).
   * @throws ProverError PROVER_INPUT_INVALID, PROVER_UNSATISFIED
   */
  calculate(inputs: CircuitInputs): { file: Uint8Array; body: Uint8Array; size: number } {
    return this.calculateFlat(flattenInputs(inputs));
  }

  /** The same from values in [0, r) by signal name, row-major. @throws ProverError as `calculate` */
  calculateFlat(flat: ReadonlyMap<string, readonly bigint[]>): { file: Uint8Array; body: Uint8Array; size: number } {
    const wasm = this.#ready();
    this.#messages = [];
    this.#exception = undefined;
    try {
      this.#setInputs(wasm, flat);
      return readWitness(wasm);
    } catch (error) {
      // The instance stopped midway and holds a half-made witness: never use it again.
      this.#instance = undefined;
      if (error instanceof ProverError) throw error;
      throw this.#failure();
    }
  }

  /** Drops the instance and with it the last witness. */
  forget(): void {
    this.#instance = undefined;
  }

  #setInputs(wasm: CircomExports, flat: ReadonlyMap<string, readonly bigint[]>): void {
    wasm.init(0);
    const expected = wasm.getInputSize();
    let count = 0;
    // Sizes first: the calculation starts by itself with the last value, and an unknown name must not look like a
    // failed assertion.
    for (const [name, values] of flat) {
      const [high, low] = halves(signalHash(name));
      const size = wasm.getInputSignalSize?.(high, low) ?? values.length;
      if (size < 0) throw invalid(`the circuit has no input signal ${name}`, name);
      if (size !== values.length) throw invalid(`signal ${name} takes ${size} values, got ${values.length}`, name);
      count += values.length;
    }
    if (count !== expected) throw invalid(`the circuit takes ${expected} input values, got ${count}`);
    for (const [name, values] of flat) {
      const [high, low] = halves(signalHash(name));
      values.forEach((value, position) => {
        for (let word = 0; word < WORDS; word++) {
          wasm.writeSharedRWMemory(word, Number((value >> BigInt(32 * word)) & 0xffff_ffffn));
        }
        wasm.setInputSignal(high, low, position);
      });
    }
  }

  #ready(): CircomExports {
    if (this.#instance !== undefined) return this.#instance;
    const nothing = () => {};
    // Other versions of circom 2 ask for more, all of it for debugging.
    const asked = WebAssembly.Module.imports(this.#module).filter(({ module }) => module === 'runtime');
    const exports = instantiate(this.#module, {
      runtime: {
        ...Object.fromEntries(asked.map(({ name }) => [name, nothing])),
        exceptionHandler: (code: number) => {
          this.#exception = code;
          throw new Error('circom exception');
        },
        printErrorMessage: () => {
          if (this.#messages.length < 32) this.#messages.push(readMessage(exports));
        },
        // What a circuit log()s are signal values: drained, never kept.
        writeBufferMessage: () => void readMessage(exports),
      },
    });
    this.#instance = exports;
    return exports;
  }

  #failure(): ProverError {
    if (this.#exception !== ASSERTION_FAILED) {
      return new ProverError(ProverErrorCode.Crashed, 'the witness calculator stopped', {
        hint: 'the circuit file may be damaged; `zkbazaar doctor` checks it',
      });
    }
    // The innermost template comes first, then each one that holds it.
    const chain = this.#messages.flatMap((message) => [...message.matchAll(TEMPLATE_LINE)]).reverse();
    const path = chain.map(([, template, line]) => `${template} line ${line}`).join(' > ');
    return new ProverError(ProverErrorCode.Unsatisfied, `the inputs do not satisfy ${path || 'the circuit'}`, {
      where: path || undefined,
      hint: 'the claim does not hold for these credentials, or a credential is expired, revoked or of an unknown issuer',
    });
  }
}

/** @throws ProverError PROVER_CIRCUIT_INVALID: other WebAssembly, circom 1, or a circuit over another field */
function instantiate(module: WebAssembly.Module, imports: Record<string, Record<string, unknown>>): CircomExports {
  try {
    const exports = new WebAssembly.Instance(module, imports).exports as unknown as CircomExports;
    if (exports.getFieldNumLen32() === WORDS) {
      exports.getRawPrime();
      let prime = 0n;
      for (let word = WORDS - 1; word >= 0; word--) {
        prime = (prime << 32n) | BigInt(exports.readSharedRWMemory(word) >>> 0);
      }
      if (prime === SCALAR_FIELD_ORDER) return exports;
    }
  } catch (error) {
    throw new ProverError(ProverErrorCode.CircuitInvalid, 'this is not the WebAssembly of a circom 2 circuit', {
      where: 'circuit',
      cause: error,
    });
  }
  throw new ProverError(ProverErrorCode.CircuitInvalid, 'the circuit is not over the field of BN254', {
    where: 'circuit',
    hint: 'compile it with --prime bn128',
  });
}

function readWitness(wasm: CircomExports): { file: Uint8Array; body: Uint8Array; size: number } {
  const size = wasm.getWitnessSize();
  const { file, body } = allocateWitnessFile(size);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let i = 0; i < size; i++) {
    wasm.getWitness(i);
    for (let word = 0; word < WORDS; word++) {
      view.setUint32(i * 32 + word * 4, wasm.readSharedRWMemory(word) >>> 0, true);
    }
  }
  return { file, body, size };
}

function readMessage(wasm: CircomExports): string {
  let message = '';
  for (let code = wasm.getMessageChar(); code !== 0; code = wasm.getMessageChar()) {
    message += String.fromCharCode(code);
  }
  return message;
}

/** As two numbers for WebAssembly. */
function halves(hash: bigint): [high: number, low: number] {
  return [Number(BigInt.asIntN(32, hash >> 32n)), Number(BigInt.asIntN(32, hash))];
}
