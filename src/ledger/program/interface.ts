/**
 * What a program sees: the keys that its transaction declared, the block's height and time, its arguments. Nothing
 * else: no clock, no randomness, no floats. Programs are run once per replica and must come to the same bytes.
 */

/**
 * Keys are named by index: 0 is the signer's ACCOUNT record, which is always writable; then writes, reads and credits in
 * the order of the transaction. Any fault below ends the transaction with that status, all its operations undone and
 * its fee paid; a program neither catches nor sees it.
 */
export interface Context {
  /** Height of the block; 1 is the first. */
  readonly height: bigint;
  /** Time of the block, milliseconds since 1970; never falls from block to block. */
  readonly time: bigint;
  /** Bytes of this operation's arguments. */
  readonly argumentsLength: number;
  /** Public signals of the transaction's proof, which was verified; 0 where there is none. */
  readonly proofSignals: number;
  /** The circuit of the proof, 0 where there is none. */
  readonly proofCircuit: number;
  /** How many keys can be named. */
  readonly keys: number;

  /** Arguments, little-endian. @faults badArguments beyond the end */
  argU8(offset: number): number;
  argU16(offset: number): number;
  argU32(offset: number): number;
  argU64(offset: number): bigint;
  /** A copy. */
  argBytes(offset: number, length: number): Uint8Array;
  /** One public signal, 32 bytes little-endian, a copy. @faults proofMissing */
  proofSignal(index: number): Uint8Array;
  /** The signer's address, 20 bytes, a copy. */
  signer(): Uint8Array;

  /** First byte of a declared key. @faults undeclaredAccess no such key */
  keySpace(key: number): number;
  /** Part of a declared key, a copy. @faults undeclaredAccess, badArguments */
  keyBytes(key: number, offset: number, length: number): Uint8Array;
  /** Whether the key's bytes from `offset` on are these. @faults undeclaredAccess */
  keyMatches(key: number, offset: number, bytes: Uint8Array): boolean;
  /** Whether the key's bytes from 1 on are the signer's address; how ACCOUNT and BALANCE keys are owned. */
  keyIsSigners(key: number): boolean;

  /** Bytes of the record, 0 when there is none. @faults undeclaredAccess not declared to be written or read */
  length(key: number): number;
  /** @faults undeclaredAccess; badRecord beyond the record's end */
  u8(key: number, offset: number): number;
  u32(key: number, offset: number): number;
  /** `offset` is a multiple of 8. */
  u64(key: number, offset: number): bigint;
  /** A copy. */
  bytes(key: number, offset: number, length: number): Uint8Array;
  /**
   * Makes a record of zeros. @faults undeclaredAccess not declared to be written; foreignSpace the space is not the
   * program's; badRecord it is there already or longer than 128 bytes
   */
  create(key: number, length: number): void;
  /** @faults undeclaredAccess, foreignSpace; badRecord there is none */
  remove(key: number): void;
  /** @faults undeclaredAccess, foreignSpace, badRecord; overflow outside of the width */
  setU8(key: number, offset: number, value: number): void;
  setU32(key: number, offset: number, value: number): void;
  setU64(key: number, offset: number, value: bigint): void;
  setBytes(key: number, offset: number, bytes: Uint8Array): void;
  /**
   * Adds to an ACCOUNT or BALANCE record at the end of the block, making it if need be. It is not spendable before.
   * The caller has taken the same amount from elsewhere. @faults undeclaredAccess not declared as credit; overflow
   */
  credit(key: number, amount: bigint): void;

  /** Part of the receipt: up to 256 bytes. `topic` is the program's number for the kind of event. */
  emit(topic: number, bytes: Uint8Array): void;
  /** Adds to the gas used; every method above has its own price already (`gas.ts`). @faults outOfGas */
  charge(gas: number): void;
  /** Ends the transaction with one of the program's statuses (from `PROGRAM_STATUS` on). */
  fail(status: number): never;
  /** `fail(status)` unless the condition holds. */
  require(condition: boolean, status: number): asserts condition;
}

export interface Operation {
  readonly name: string;
  /** Gas of the operation before what its accesses cost; about ten nanoseconds of work each. */
  readonly gas: number;
  /**
   * Says that the executor may run a lone operation of this kind by a kernel of its own, where it would succeed:
   * `execute/native-transfer.ts` describes the arguments. Tests hold kernel and program equal.
   */
  readonly kernel?: 'nativeTransfer';
  run(context: Context): void;
}

export interface Program {
  /** 1 to 255; consensus. */
  readonly id: number;
  readonly name: string;
  /** Spaces whose records it may make, change and remove. */
  readonly spaces: readonly number[];
  /** By operation number. */
  readonly operations: ReadonlyMap<number, Operation>;
  /** Names of its statuses for people, by number. */
  readonly statuses: Readonly<Record<number, string>>;
}
