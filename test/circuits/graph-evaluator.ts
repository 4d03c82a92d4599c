/**
 * Witness graphs evaluated the plain way: a second reading of the format that src/artifacts/graph/graph-file.ts
 * describes, node by node in the order of the file, with integers.
 */
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';

const OPERANDS: Record<number, number> = { 2: 2, 3: 2, 4: 2, 5: 1, 6: 2, 7: 3, 8: 2, 9: 2 };
const INVERTING_EXPONENT = R - 2n;

export class PlainGraph {
  readonly signals: { hash: bigint; size: number }[] = [];
  readonly #constants: bigint[] = [];
  readonly #nodes: { op: number; operands: number[] }[] = [];
  readonly #guards: number[] = [];
  readonly #wires: number[] = [];
  readonly #inputs: number;

  constructor(file: Uint8Array) {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const counts = [8, 12, 16, 20, 24, 28].map((at) => view.getUint32(at, true));
    const [signals = 0, inputs = 0, constants = 0, nodes = 0, guards = 0, wires = 0] = counts;
    this.#inputs = inputs;
    let at = 32;
    for (let i = 0; i < signals; i++, at += 12) {
      this.signals.push({ hash: view.getBigUint64(at, true), size: view.getUint32(at + 8, true) });
    }
    for (let i = 0; i < constants; i++, at += 32) {
      this.#constants.push(
        BigInt(
          `0x${Buffer.from(file.subarray(at, at + 32))
            .reverse()
            .toString('hex')}`,
        ),
      );
    }
    for (let i = 0; i < nodes; i++) this.#nodes.push({ op: file[at++] ?? 0, operands: [] });
    const number = (): number => {
      let value = 0;
      for (let unit = 1; ; unit *= 128) {
        const byte = file[at++] ?? 0;
        value += (byte % 128) * unit;
        if (byte < 128) return value;
      }
    };
    const base = constants + inputs;
    const reference = (from: number): number => {
      const code = number();
      return code % 2 === 1 ? (code - 1) / 2 : base + from - code / 2;
    };
    for (let place = 0; place < 3; place++) {
      for (const [index, { op, operands }] of this.#nodes.entries()) {
        if (place >= (OPERANDS[op] ?? 0)) continue;
        operands.push(place === 1 && (op === 8 || op === 9) ? number() : reference(index));
      }
    }
    for (let i = 0; i < guards; i++) this.#guards.push(reference(nodes));
    for (let i = 0; i < wires; i++) this.#wires.push(reference(nodes));
    if (at !== file.length) throw new Error('bytes are left over');
  }

  /** The witness; undefined where an assertion fails. */
  evaluate(inputs: readonly bigint[]): bigint[] | undefined {
    if (inputs.length !== this.#inputs) throw new Error('another number of inputs');
    const values = [...this.#constants, ...inputs];
    for (const { op, operands } of this.#nodes) {
      const [i = 0, j = 0, k = 0] = operands;
      const [x, y, z] = [values[i] ?? 0n, values[j] ?? 0n, values[k] ?? 0n];
      values.push(this.#compute(op, x, y, z, j));
    }
    if (this.#guards.some((guard) => values[guard] !== 1n)) return undefined;
    return this.#wires.map((wire) => values[wire] ?? 0n);
  }

  #compute(op: number, x: bigint, y: bigint, z: bigint, number: number): bigint {
    switch (op) {
      case 2:
        return (x + y) % R;
      case 3:
        return (x - y + R) % R;
      case 4:
        return (x * y) % R;
      case 5:
        // Fermat, where the recorder and the evaluator go by Euclid.
        return power(x, INVERTING_EXPONENT);
      case 6:
        return x === y ? 1n : 0n;
      case 7:
        return x === 0n ? z : y;
      case 8:
        return (x >> BigInt(number)) & 1n;
      case 9:
        return x / (this.#constants[number] ?? 0n);
    }
    throw new Error(`operation ${op}`);
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [base, exponent]; e > 0n; e >>= 1n, b = (b * b) % R) if (e & 1n) result = (result * b) % R;
  return result;
}
