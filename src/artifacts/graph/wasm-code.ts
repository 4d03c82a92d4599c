import { type WasmFunction, WasmReader } from './wasm-module.ts';

/** One instruction; blocks hold theirs, so that structured control flow stays structured. */
export interface Instruction {
  op: number;
  /** Constant, local, function, label depth or memory offset. */
  value: number;
  /** i64.const only. */
  wide?: bigint;
  /** block, loop, then-branch. */
  body?: readonly Instruction[];
  /** else-branch. */
  otherwise?: readonly Instruction[];
}

/** Opcodes that the machine runs. Source: WebAssembly Core Specification 1.0, section 5.4. */
export const OP = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i64Load: 0x29,
  i32Store: 0x36,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32GtU: 0x4b,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Or: 0x84,
  i64Shl: 0x86,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
} as const;

const FIRST_MEMORY_ACCESS = 0x28;
const LAST_MEMORY_ACCESS = 0x3e;
const FIRST_NUMERIC = 0x45;
const LAST_NUMERIC = 0xbf;

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID for an instruction that circom does not emit */
export function decodeBody({ code, name }: WasmFunction): readonly Instruction[] {
  return readBlock(new WasmReader(code ?? new Uint8Array(), `wasm function ${name}`)).body;
}

/** Instructions up to the `end` or `else` that closes them. */
function readBlock(reader: WasmReader): { body: Instruction[]; closedBy: number } {
  const body: Instruction[] = [];
  for (;;) {
    const op = reader.byte();
    if (op === OP.end || op === OP.else) return { body, closedBy: op };
    body.push(readInstruction(reader, op));
  }
}

function readInstruction(reader: WasmReader, op: number): Instruction {
  switch (op) {
    case OP.block:
    case OP.loop:
      return { op, value: reader.byte(), body: readBlock(reader).body };
    case OP.if: {
      const value = reader.byte();
      const { body, closedBy } = readBlock(reader);
      return { op, value, body, otherwise: closedBy === OP.else ? readBlock(reader).body : [] };
    }
    case OP.i32Const:
      return { op, value: Number(reader.signed(32)) };
    case OP.i64Const:
      return { op, value: 0, wide: reader.signed(64) };
    case OP.callIndirect: {
      const value = reader.u32();
      reader.byte();
      return { op, value };
    }
    case OP.br:
    case OP.brIf:
    case OP.call:
    case OP.localGet:
    case OP.localSet:
    case OP.localTee:
      return { op, value: reader.u32() };
    case OP.memorySize:
    case OP.memoryGrow:
      return { op, value: reader.byte() };
    case OP.return:
    case OP.drop:
      return { op, value: 0 };
  }
  if (op >= FIRST_MEMORY_ACCESS && op <= LAST_MEMORY_ACCESS) {
    reader.u32();
    return { op, value: reader.u32() };
  }
  if (op >= FIRST_NUMERIC && op <= LAST_NUMERIC) return { op, value: 0 };
  return reader.refuse(`instruction 0x${op.toString(16)}, which circom does not emit`);
}
