import { constantOf, FIELD_OPERATIONS, signed } from './field-functions.ts';
import { GraphBuilder, type NodeId } from './graph-builder.ts';
import {
  FELL_THROUGH,
  type Frame,
  type MachineHooks,
  type Outcome,
  RETURNED,
  type Unknown,
  type Value,
  WasmMachine,
} from './wasm-machine.ts';
import { CELL_BYTES, type Effects, unsupported, WasmMemory } from './wasm-memory.ts';
import { parseWasm, type WasmFunction } from './wasm-module.ts';

/** An input signal: circom knows it by the 64-bit FNV-1a hash of its name. */
export interface GraphInput {
  hash: bigint;
  /** Number of values. */
  size: number;
}

/** What a circuit's WASM computes, for every input, as far as control flow goes. */
export interface RecordedGraph {
  graph: GraphBuilder;
  /** In the order in which their values are numbered. */
  inputs: readonly GraphInput[];
  /** Nodes that are 1 exactly when no assertion of the circuit fails. */
  guards: readonly NodeId[];
  /** The node of each wire. */
  wires: readonly NodeId[];
}

const HASH_SLOTS = 256;
const SLOT_BYTES = 16;
/** What a failed assertion and a circuit's `log()` say; a graph says nothing. */
const MESSAGES = new Set([
  'buildBufferMessage',
  'printErrorMessage',
  'buildLogMessage',
  'writeBufferMessage',
  'copyFr2SharedRWMemory',
  'showSharedRWMemory',
]);

/**
 * Records a circuit's witness generation as a graph of field operations by running its WASM with symbols for inputs.
 * circom's code is two layers: plain instructions that move addresses and counters, which are run, and calls of `Fr_*`,
 * which become nodes. An `if` over a value that depends on the inputs is run both ways and merged value by value.
 *
 * @throws ArtifactError ARTIFACT_FORMAT_INVALID for what a graph cannot hold: loops, indices or sizes that depend on
 *   inputs, or an operation that is not among `NodeOp`
 */
export function recordGraph(wasm: Uint8Array): RecordedGraph {
  return new Recorder(wasm).record();
}

class Recorder implements MachineHooks {
  readonly #graph = new GraphBuilder();
  readonly #memory: WasmMemory;
  readonly #machine: WasmMachine;
  readonly #guards = new Set<NodeId>();
  /** Conditions of the branches that are being run, 1 where they are taken. */
  readonly #path: NodeId[] = [];
  #onMain: (() => void) | undefined;
  #onCopy: ((from: number) => void) | undefined;

  constructor(wasm: Uint8Array) {
    const module = parseWasm(wasm);
    this.#memory = new WasmMemory(module.memory, this.#graph);
    this.#machine = new WasmMachine(module, this.#memory, this);
  }

  record(): RecordedGraph {
    this.#machine.callByName('init', 0);
    const scratch = this.#number('getSharedRWMemoryStart') - 8;
    const inputs = this.#inputTable();
    const signals = this.#addressOfWire(0);
    let position = 0;
    const nodes = inputs.map(({ size }) => Array.from({ length: size }, () => this.#graph.input(position++)));
    this.#onMain = () => {
      for (const [i, { signal }] of inputs.entries()) {
        for (const [k, node] of (nodes[i] ?? []).entries())
          this.#memory.write(signals + (signal + k) * CELL_BYTES, node);
      }
    };
    // Zeros, so that the last one starts the circuit; the symbols take their place the moment it does.
    for (const { hash, size } of inputs) {
      const [high, low] = [Number(BigInt.asIntN(32, hash >> 32n)), Number(BigInt.asIntN(32, hash))];
      for (let k = 0; k < size; k++) this.#machine.callByName('setInputSignal', high, low, k);
    }
    if (this.#onMain !== undefined) throw unsupported('the circuit did not start');
    const wires = Array.from({ length: this.#number('getWitnessSize') }, (_, wire) => {
      this.#machine.callByName('getWitness', wire);
      return this.#memory.read(scratch);
    });
    return { graph: this.#graph, inputs, guards: [...this.#guards], wires };
  }

  /** The open-addressing table in which circom looks input signals up, in order of their first signal. */
  #inputTable(): (GraphInput & { signal: number })[] {
    const { wideLoads } = this.#memory;
    const before = wideLoads.length;
    this.#machine.callByName('getInputSignalMapPosition', 0n);
    const base = wideLoads[before];
    if (base === undefined) throw unsupported('there is no table of inputs');
    const found = [];
    for (let slot = base; slot < base + HASH_SLOTS * SLOT_BYTES; slot += SLOT_BYTES) {
      const hash = BigInt.asUintN(64, this.#memory.load64(slot));
      if (hash === 0n) continue;
      found.push({ hash, signal: this.#memory.load32(slot + 8), size: this.#memory.load32(slot + 12) });
    }
    return found.sort((a, b) => a.signal - b.signal);
  }

  #addressOfWire(wire: number): number {
    let address = 0;
    this.#onCopy = (from) => {
      address = from;
    };
    this.#machine.callByName('getWitness', wire);
    this.#onCopy = undefined;
    return address;
  }

  #number(name: string): number {
    const [value] = this.#machine.callByName(name);
    if (typeof value !== 'number') throw unsupported(`${name} is no number`);
    return value;
  }

  not({ node }: Unknown): Unknown {
    return { node: this.#graph.not(node) };
  }

  fork({ node: condition }: Unknown, frame: Frame, branches: { taken: () => Outcome; other: () => Outcome }): Outcome {
    const taken = this.#attempt(condition, frame, branches.taken);
    const other = this.#attempt(this.#graph.not(condition), frame, branches.other);
    const failed = taken.failed ? condition : other.failed ? this.#graph.not(condition) : undefined;
    if (failed !== undefined) {
      if (taken.failed && other.failed) throw unsupported('no input satisfies the circuit');
      this.#guard(failed);
      const { effects, locals } = taken.failed ? other : taken;
      this.#memory.apply(effects);
      frame.locals.splice(0, locals.length, ...locals);
      return FELL_THROUGH;
    }
    this.#memory.apply(this.#merge(condition, taken.effects, other.effects));
    for (const [i, value] of taken.locals.entries()) {
      frame.locals[i] = value === other.locals[i] ? value : undefined;
    }
    return FELL_THROUGH;
  }

  #attempt(
    condition: NodeId,
    frame: Frame,
    branch: () => Outcome,
  ): { effects: Effects; locals: (Value | undefined)[]; failed: boolean } {
    const locals = frame.locals.slice();
    const height = frame.stack.length;
    this.#path.push(condition);
    const { result, effects } = this.#memory.attempt(branch);
    this.#path.pop();
    // A failed assertion returns circom's error number; an ordinary return in one branch only would need more than a merge.
    const failed = result === RETURNED && frame.stack.at(-1) !== 0;
    if ((result !== FELL_THROUGH && !failed) || (!failed && frame.stack.length !== height)) {
      throw unsupported('a loop or a return depends on the inputs');
    }
    frame.stack.length = height;
    const after = frame.locals.slice();
    frame.locals.splice(0, locals.length, ...locals);
    return { effects, locals: after, failed };
  }

  #merge(condition: NodeId, taken: Effects, other: Effects): Effects {
    const cells = new Map<number, NodeId>();
    for (const address of new Set([...taken.cells.keys(), ...other.cells.keys()])) {
      const read = (effects: Effects): NodeId => effects.cells.get(address) ?? this.#memory.read(address);
      cells.set(address, this.#graph.select(condition, read(taken), read(other)));
    }
    for (const [address, value] of [...taken.words, ...other.words]) {
      const read = (effects: Effects): number => effects.words.get(address) ?? this.#memory.load32(address);
      if (read(taken) !== value || read(other) !== value)
        throw unsupported('a counter or component depends on the inputs');
    }
    return { cells, words: taken.words };
  }

  /** Records that the circuit fails where `failure` is 1. */
  #guard(failure: NodeId): void {
    const together = this.#path.reduce((all, condition) => this.#graph.mul(all, condition), failure);
    const holds = this.#graph.not(together);
    const value = this.#graph.valueOf(holds);
    if (value === 0n) throw unsupported('no input satisfies the circuit');
    if (value === undefined) this.#guards.add(holds);
  }

  call({ name }: WasmFunction, parameters: readonly Value[]): readonly Value[] | undefined {
    if (this.#onMain !== undefined && name.endsWith('_run')) {
      this.#onMain();
      this.#onMain = undefined;
    }
    const operation = FIELD_OPERATIONS.get(name);
    if (operation === undefined) return MESSAGES.has(name) ? [] : this.#special(name, parameters);
    const [r, a, b] = parameters;
    if (typeof r !== 'number' || typeof a !== 'number') throw unsupported(`operands of ${name}`);
    if (name === 'Fr_copy') this.#onCopy?.(a);
    const x = this.#memory.read(a);
    if (operation.operands === 1) this.#memory.write(r, operation.apply(this.#graph, x));
    else this.#memory.write(r, operation.apply(this.#graph, x, this.#memory.read(typeof b === 'number' ? b : 0)));
    return [];
  }

  /** Field functions that are not of the form result, operands; undefined for what is no field function. */
  #special(name: string, parameters: readonly Value[]): readonly Value[] | undefined {
    if (!name.startsWith('Fr_')) return undefined;
    const [r, a, b] = parameters.map((value) => (typeof value === 'number' ? value : 0)) as [number, number, number];
    switch (name) {
      case 'Fr_copyn': {
        const nodes = Array.from({ length: b }, (_, i) => this.#memory.read(a + i * CELL_BYTES));
        for (const [i, node] of nodes.entries()) this.#memory.write(r + i * CELL_BYTES, node);
        return [];
      }
      case 'Fr_isTrue': {
        const truth = this.#graph.truth(this.#memory.read(r));
        const value = this.#graph.valueOf(truth);
        return [value === undefined ? { node: truth } : Number(value)];
      }
      case 'Fr_toInt':
        return [Number(signed(constantOf(this.#graph, this.#memory.read(r))))];
      // How a value is stored is not what it is; and the two below are of the setting of inputs, which are zeros here.
      case 'Fr_toLongNormal':
      case 'Fr_int_zero':
        return [];
      case 'Fr_eqR':
        return [Number(this.#memory.read(r) === this.#memory.read(a))];
    }
    throw unsupported(`operation ${name}`);
  }
}
