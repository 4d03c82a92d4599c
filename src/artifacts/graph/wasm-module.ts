import { formatError } from '../sections.ts';

/**
 * A WebAssembly module as the recorder needs it: function bodies, their names, data and table. Only what circom emits
 * is read; anything else is refused, since the recorder would have to guess what it means.
 * Source: WebAssembly Core Specification 1.0, chapter 5.
 */
export interface WasmFunction {
  index: number;
  /** From the name section: `Fr_mul`, `Poseidon_3_run`. */
  name: string;
  parameters: number;
  results: number;
  /** Number of locals beyond the parameters. */
  locals: number;
  /** Instructions, without the declaration of locals; undefined for an import. */
  code: Uint8Array | undefined;
}

export interface WasmModule {
  functions: readonly WasmFunction[];
  /** Function index by table slot. */
  table: readonly number[];
  /** Initial memory, with the data segments in place. */
  memory: Uint8Array;
}

const PAGE_BYTES = 65_536;
/** 20 times what the largest circuit of ours declares. */
const MAX_PAGES = 4096;
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const I32_CONST = 0x41;
const END = 0x0b;

interface FunctionType {
  parameters: number;
  results: number;
}

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function parseWasm(bytes: Uint8Array, where = 'wasm'): WasmModule {
  if (HEADER.some((byte, i) => bytes[i] !== byte)) throw formatError(where, 'not a WebAssembly module');
  const reader = new WasmReader(bytes, where, HEADER.length);
  let types: FunctionType[] = [];
  let imported: number[] = [];
  let declared: number[] = [];
  let bodies: { locals: number; code: Uint8Array }[] = [];
  let names = new Map<number, string>();
  let table: number[] = [];
  let memory = new Uint8Array(0);
  while (reader.remaining > 0) {
    const id = reader.byte();
    const section = reader.part(reader.u32());
    if (id === 0 && section.text() === 'name') names = readNames(section);
    if (id === 1) types = section.list(() => readType(section));
    if (id === 2) imported = section.list(() => readImport(section));
    if (id === 3) declared = section.list(() => section.u32());
    if (id === 5) memory = readMemory(section);
    if (id === 9) table = readElements(section, table);
    if (id === 10) bodies = section.list(() => readBody(section));
    if (id === 11) readData(section, memory);
  }
  if (declared.length !== bodies.length) throw formatError(where, 'functions without bodies');
  const functions = [...imported, ...declared].map((type, index): WasmFunction => {
    const body = bodies[index - imported.length];
    const signature = types[type];
    if (signature === undefined) throw formatError(where, 'a function without a type');
    return { index, name: names.get(index) ?? '', ...signature, locals: body?.locals ?? 0, code: body?.code };
  });
  return { functions, table, memory };
}

/** A cursor over WebAssembly's own encoding; every read is bounds-checked. */
export class WasmReader {
  readonly #bytes: Uint8Array;
  readonly #where: string;
  position: number;

  constructor(bytes: Uint8Array, where: string, position = 0) {
    this.#bytes = bytes;
    this.#where = where;
    this.position = position;
  }

  get remaining(): number {
    return this.#bytes.length - this.position;
  }

  byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw formatError(this.#where, 'the module ends too early');
    this.position += 1;
    return byte;
  }

  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw formatError(this.#where, 'the module ends too early');
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  part(length: number): WasmReader {
    return new WasmReader(this.bytes(length), this.#where);
  }

  u32(): number {
    return Number(this.#leb(5) & 0xffff_ffffn);
  }

  /** Signed integer of `bits` bits. */
  signed(bits: 32 | 64): bigint {
    const start = this.position;
    const value = this.#leb(bits === 32 ? 5 : 10);
    return BigInt.asIntN(Math.min(7 * (this.position - start), bits), value);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes(this.u32()));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.u32() }, read);
  }

  refuse(what: string): never {
    throw formatError(this.#where, what);
  }

  #leb(maxBytes: number): bigint {
    let value = 0n;
    for (let i = 0; i < maxBytes; i++) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return value;
    }
    return this.refuse('an integer is too long');
  }
}

function readType(section: WasmReader): FunctionType {
  if (section.byte() !== 0x60) section.refuse('a type that is no function');
  return { parameters: section.list(() => section.byte()).length, results: section.list(() => section.byte()).length };
}

function readImport(section: WasmReader): number {
  section.text();
  section.text();
  if (section.byte() !== 0) section.refuse('an import that is no function');
  return section.u32();
}

function readMemory(section: WasmReader): Uint8Array<ArrayBuffer> {
  if (section.u32() !== 1) section.refuse('more than one memory');
  section.byte();
  const pages = section.u32();
  if (pages > MAX_PAGES) section.refuse(`${pages} pages of memory are too many`);
  return new Uint8Array(pages * PAGE_BYTES);
}

function readOffset(section: WasmReader): number {
  if (section.byte() !== I32_CONST) section.refuse('an offset that is no constant');
  const offset = Number(section.signed(32));
  if (section.byte() !== END) section.refuse('an offset that is no constant');
  return offset;
}

function readElements(section: WasmReader, table: number[]): number[] {
  const slots = table.slice();
  section.list(() => {
    if (section.u32() !== 0) section.refuse('a table that is not the first');
    const offset = readOffset(section);
    for (const [i, index] of section.list(() => section.u32()).entries()) slots[offset + i] = index;
  });
  return slots;
}

function readData(section: WasmReader, memory: Uint8Array): void {
  section.list(() => {
    if (section.u32() !== 0) section.refuse('a memory that is not the first');
    const offset = readOffset(section);
    const bytes = section.bytes(section.u32());
    if (offset < 0 || offset + bytes.length > memory.length) section.refuse('data outside of the memory');
    memory.set(bytes, offset);
  });
}

function readBody(section: WasmReader): { locals: number; code: Uint8Array } {
  const body = section.part(section.u32());
  let locals = 0;
  body.list(() => {
    locals += body.u32();
    body.byte();
  });
  if (locals > 65_536) section.refuse('too many locals');
  return { locals, code: body.bytes(body.remaining) };
}

/** Subsection 1 of the name section: function index to name. */
function readNames(section: WasmReader): Map<number, string> {
  const names = new Map<number, string>();
  while (section.remaining > 0) {
    const id = section.byte();
    const part = section.part(section.u32());
    if (id !== 1) continue;
    part.list(() => names.set(part.u32(), part.text()));
  }
  return names;
}
