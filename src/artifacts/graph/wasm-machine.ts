import type { NodeId } from './graph-builder.ts';
import { decodeBody, type Instruction, OP } from './wasm-code.ts';
import { unsupported, type WasmMemory } from './wasm-memory.ts';
import type { WasmFunction, WasmModule } from './wasm-module.ts';

/** A truth value that depends on the inputs: a node that is 0 or 1. */
export interface Unknown {
  node: NodeId;
}

export type Value = number | bigint | Unknown;

export interface Frame {
  locals: (Value | undefined)[];
  stack: Value[];
}

/** How a stretch of code ended: ran to its end, branches out of `n` blocks more, or returned. */
export type Outcome = number;
export const FELL_THROUGH = -1;
export const RETURNED = -2;

export interface MachineHooks {
  /** Results of a call that is not to be run but understood; undefined to run it. */
  call(target: WasmFunction, parameters: readonly Value[]): readonly Value[] | undefined;
  not(condition: Unknown): Unknown;
  /** An `if` whose condition depends on the inputs. */
  fork(condition: Unknown, frame: Frame, branches: { taken: () => Outcome; other: () => Outcome }): Outcome;
}

// An interpreted template nests as deep as the circuit's components do; this stops a module that calls itself.
const MAX_DEPTH = 200;

/** Runs the structural part of circom's WebAssembly: addresses, counters, loops, calls. Arithmetic is for the hooks. */
export class WasmMachine {
  readonly #module: WasmModule;
  readonly #memory: WasmMemory;
  readonly #hooks: MachineHooks;
  readonly #bodies = new Map<number, readonly Instruction[]>();
  #depth = 0;

  constructor(module: WasmModule, memory: WasmMemory, hooks: MachineHooks) {
    this.#module = module;
    this.#memory = memory;
    this.#hooks = hooks;
  }

  /** Calls a function by the name that circom gave it. */
  callByName(name: string, ...parameters: Value[]): readonly Value[] {
    const target = this.#module.functions.find((candidate) => candidate.name === name);
    if (target === undefined) throw unsupported(`there is no function ${name}`);
    return this.#call(target, parameters);
  }

  #call(target: WasmFunction, parameters: readonly Value[]): readonly Value[] {
    const understood = this.#hooks.call(target, parameters);
    if (understood !== undefined) return understood;
    if (target.code === undefined) throw unsupported(`the circuit calls ${target.name || 'an unknown import'}`);
    const body = this.#bodies.get(target.index) ?? decodeBody(target);
    this.#bodies.set(target.index, body);
    if (this.#depth >= MAX_DEPTH) throw unsupported('calls are nested too deep');
    this.#depth += 1;
    const frame: Frame = { locals: [...parameters, ...new Array<Value>(target.locals).fill(0)], stack: [] };
    this.#run(body, frame);
    this.#depth -= 1;
    return frame.stack.slice(frame.stack.length - target.results);
  }

  #run(body: readonly Instruction[], frame: Frame): Outcome {
    for (const instruction of body) {
      const outcome = this.#step(instruction, frame);
      if (outcome !== FELL_THROUGH) return outcome;
    }
    return FELL_THROUGH;
  }

  /** A branch out of `n` blocks, seen from outside of the innermost of them. */
  #leave(outcome: Outcome): Outcome {
    if (outcome < 0) return outcome;
    return outcome === 0 ? FELL_THROUGH : outcome - 1;
  }

  #step({ op, value, wide, body = [], otherwise = [] }: Instruction, frame: Frame): Outcome {
    const { stack, locals } = frame;
    switch (op) {
      case OP.i32Const:
        stack.push(value);
        break;
      case OP.i64Const:
        stack.push(wide ?? 0n);
        break;
      case OP.localGet:
        stack.push(known(locals[value]));
        break;
      case OP.localSet:
        locals[value] = pop(stack);
        break;
      case OP.localTee:
        locals[value] = known(stack.at(-1));
        break;
      case OP.call:
        this.#callFrom(frame, this.#module.functions[value]);
        break;
      case OP.callIndirect:
        this.#callFrom(frame, this.#module.functions[this.#module.table[popNumber(stack)] ?? -1]);
        break;
      case OP.block:
        return this.#leave(this.#run(body, frame));
      case OP.loop:
        for (;;) {
          const outcome = this.#run(body, frame);
          if (outcome !== 0) return this.#leave(outcome);
        }
      case OP.if: {
        const condition = pop(stack);
        if (typeof condition === 'object') {
          const branches = { taken: () => this.#run(body, frame), other: () => this.#run(otherwise, frame) };
          return this.#leave(this.#hooks.fork(condition, frame, branches));
        }
        return this.#leave(this.#run(condition !== 0 ? body : otherwise, frame));
      }
      case OP.br:
        return value;
      case OP.brIf:
        if (popNumber(stack) !== 0) return value;
        break;
      case OP.return:
        return RETURNED;
      case OP.drop:
        pop(stack);
        break;
      case OP.i32Load:
        stack.push(this.#memory.load32(popNumber(stack) + value));
        break;
      case OP.i64Load:
        stack.push(this.#memory.load64(popNumber(stack) + value));
        break;
      case OP.i32Store: {
        const stored = popNumber(stack);
        this.#memory.store32(popNumber(stack) + value, stored);
        break;
      }
      case OP.memorySize:
        stack.push(this.#memory.pages);
        break;
      case OP.memoryGrow:
        stack.push(this.#memory.grow(popNumber(stack)));
        break;
      case OP.i32Eqz: {
        const operand = pop(stack);
        stack.push(typeof operand === 'object' ? this.#hooks.not(operand) : Number(operand === 0));
        break;
      }
      default:
        stack.push(compute(op, stack));
    }
    return FELL_THROUGH;
  }

  #callFrom({ stack }: Frame, target: WasmFunction | undefined): void {
    if (target === undefined) throw unsupported('a call to no function');
    const parameters = stack.splice(stack.length - target.parameters, target.parameters);
    stack.push(...this.#call(target, parameters));
  }
}

function compute(op: number, stack: Value[]): Value {
  switch (op) {
    case OP.i64Eqz:
      return Number(popBig(stack) === 0n);
    case OP.i32WrapI64:
      return Number(BigInt.asIntN(32, popBig(stack)));
    case OP.i64ExtendI32U:
      return BigInt(popNumber(stack) >>> 0);
    case OP.i64Eq: {
      const right = popBig(stack);
      return Number(popBig(stack) === right);
    }
    case OP.i64Or: {
      const right = popBig(stack);
      return popBig(stack) | right;
    }
    case OP.i64Shl: {
      const by = popBig(stack);
      return BigInt.asIntN(64, popBig(stack) << (by & 63n));
    }
  }
  const b = popNumber(stack);
  const a = popNumber(stack);
  switch (op) {
    case OP.i32Add:
      return (a + b) | 0;
    case OP.i32Sub:
      return (a - b) | 0;
    case OP.i32Mul:
      return Math.imul(a, b);
    case OP.i32And:
      return a & b;
    case OP.i32Or:
      return a | b;
    case OP.i32Shl:
      return a << b;
    case OP.i32ShrU:
      return (a >>> b) | 0;
    case OP.i32Eq:
      return Number(a === b);
    case OP.i32Ne:
      return Number(a !== b);
    case OP.i32GtU:
      return Number(a >>> 0 > b >>> 0);
    case OP.i32GeU:
      return Number(a >>> 0 >= b >>> 0);
  }
  throw unsupported(`instruction 0x${op.toString(16)}`);
}

/** Values that the two branches of a fork left different are gone; nothing may use them. */
function known(value: Value | undefined): Value {
  if (value === undefined) throw unsupported('a plain number depends on the inputs');
  return value;
}

function pop(stack: Value[]): Value {
  return known(stack.pop());
}

function popNumber(stack: Value[]): number {
  const value = pop(stack);
  if (typeof value !== 'number') throw unsupported('a loop, index or address depends on the inputs');
  return value;
}

function popBig(stack: Value[]): bigint {
  const value = pop(stack);
  if (typeof value !== 'bigint') throw unsupported('an instruction with the wrong operand');
  return value;
}
