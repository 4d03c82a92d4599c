import { MAX_GAS, SPACES } from '../constants.ts';
import { billedGas, GAS } from '../program/gas.ts';
import type { Program } from '../program/interface.ts';
import { AT, OPERATION_HEAD_BYTES, operationsAt } from '../transaction/layout.ts';
import type { RecordMemory } from './memory.ts';
import { type PlannedBlock, RECEIPT_WORDS } from './shared.ts';

const TWO_32 = 2 ** 32;
/** High words below this make numbers that a double holds exactly. */
const EXACT_HIGH = 2 ** 21;

/** One operation, no tag, no proof; one key, which is credited. As words of the transaction's head. */
const FORM_AT = AT.version;
const FORM_MASK = 0xffff_0000;
const FORM = 1 << 24;
const LISTS = 1 << 16;
/** The only operation stands here, its 10 bytes of arguments (amount u64, from u8, to u8) behind its head. */
const OPERATION_AT = operationsAt(0, 0, 1);
const ARGUMENTS_AT = OPERATION_AT + OPERATION_HEAD_BYTES;
const ARGUMENTS = 10;
/** From key 0, the signer's account, to key 1, the one that is credited. */
const FROM_AND_TO = 1 << 8;
/** What the program's calls of the context cost: `keyMatches`, `length`, `u64`, `setU64`, `credit`. */
const CALLS = GAS.argument + 2 * GAS.read + GAS.write + GAS.credit;

/**
 * The commonest transaction, one transfer of the native asset from the signer's account, in plain numbers and in one
 * step: several times faster than the program, and equal to it. It takes a transaction only where nothing is out of
 * the ordinary and everything will succeed; all else, it leaves untouched to the runner.
 */
export class NativeTransfer {
  readonly #memory: RecordMemory;
  readonly #network: Uint32Array;
  /** The operation's head as a word, or -1 where no program has such an operation. */
  readonly #head: number;
  readonly #gas: number;
  #block: PlannedBlock | undefined;
  #height = 0;
  #creditWords: Uint32Array = new Uint32Array(0);
  #holdWords: Uint32Array = new Uint32Array(0);
  /** Fees of the block so far: those that a double still holds exactly, and what was more. */
  #fees = 0;
  #moreFees = 0n;

  constructor(memory: RecordMemory, programs: ReadonlyMap<number, Program>, network: Uint32Array) {
    this.#memory = memory;
    this.#network = network;
    const [head, gas] = findOperation(programs);
    this.#head = head;
    this.#gas = gas + CALLS + GAS.transaction + GAS.key;
  }

  beginBlock(block: PlannedBlock): void {
    const { credits, holds } = block;
    this.#block = block;
    // Not a number, and so within no window, where a double could not hold it exactly.
    this.#height = block.height < 2n ** 53n ? Number(block.height) : Number.NaN;
    this.#creditWords = new Uint32Array(credits.buffer, credits.byteOffset, credits.length * 2);
    this.#holdWords = new Uint32Array(holds.buffer, holds.byteOffset, holds.length * 2);
    this.#fees = 0;
    this.#moreFees = 0n;
  }

  /** @returns whether it has run transaction `index` and written status, gas and fee of its receipt */
  run(index: number): boolean {
    const { batch, slots, starts, receipts } = this.#block as PlannedBlock;
    const { words } = batch;
    const offset = batch.offsets[index] as number;
    const at = offset >> 2;
    if (((words[at + FORM_AT / 4] as number) & FORM_MASK) !== FORM || words[at + AT.writes / 4] !== LISTS) return false;
    if (words[at + OPERATION_AT / 4] !== this.#head || words[at + ARGUMENTS_AT / 4 + 2] !== FROM_AND_TO) return false;
    if (!this.#isAccountKey(words, at + AT.keys / 4)) return false;
    if (!this.#isAdmitted(words, at)) return false;

    const start = starts[index] as number;
    const account = slots[start] as number;
    const memory = this.#memory;
    const record = memory.wordAt(account);
    const nonceLow = memory.words[record + 2] as number;
    if (memory.lengthOf(account) === 0 || nonceLow !== words[at + AT.sequence / 4]) return false;
    // The nonce goes up in one word.
    if (memory.words[record + 3] !== words[at + AT.sequence / 4 + 1] || nonceLow === TWO_32 - 1) return false;

    const gasLimit = words[at + AT.gasLimit / 4] as number;
    const price = words[at + AT.gasPrice / 4] as number;
    const length = words[at] as number;
    const algorithm = ((words[at + FORM_AT / 4] as number) >>> 8) & 0xff;
    const gasUsed = this.#gas + GAS.word * (length >> 3) + (GAS.signature[algorithm] ?? 0);
    if (gasUsed > gasLimit || gasLimit > MAX_GAS || words[at + AT.gasPrice / 4 + 1] !== 0) return false;

    const amountHigh = words[at + ARGUMENTS_AT / 4 + 1] as number;
    const amountLow = words[at + ARGUMENTS_AT / 4] as number;
    const balanceHigh = memory.words[record + 1] as number;
    const heldHigh = this.#holdWords[2 * index + 1] as number;
    if (amountHigh >= EXACT_HIGH || balanceHigh >= EXACT_HIGH || heldHigh >= EXACT_HIGH) return false;
    const amount = amountHigh * TWO_32 + amountLow;
    const balance = balanceHigh * TWO_32 + (memory.words[record] as number);
    // The highest fee is below 2^52, so no sum here leaves what a double holds exactly.
    const held = heldHigh * TWO_32 + (this.#holdWords[2 * index] as number);
    if (amount === 0 || balance - gasLimit * price - held < amount) return false;

    const fee = billedGas(gasUsed, gasLimit) * price;
    const rest = balance - amount - fee;
    memory.touch(account);
    memory.words[record] = rest >>> 0;
    memory.words[record + 1] = (rest / TWO_32) >>> 0;
    memory.words[record + 2] = nonceLow + 1;
    this.#creditWords[2 * (start + 1)] = amountLow;
    this.#creditWords[2 * (start + 1) + 1] = amountHigh;
    this.#count(fee);
    const receipt = index * RECEIPT_WORDS;
    receipts.words[receipt] = 0;
    receipts.words[receipt + 1] = gasUsed;
    receipts.words[receipt + 2] = fee >>> 0;
    receipts.words[receipt + 3] = (fee / TWO_32) >>> 0;
    return true;
  }

  /** What this has taken in the block. */
  get fees(): bigint {
    return this.#moreFees + BigInt(this.#fees);
  }

  #count(fee: number): void {
    this.#fees += fee;
    if (this.#fees < 2 ** 52) return;
    this.#moreFees += BigInt(this.#fees);
    this.#fees = 0;
  }

  /** Of an account and of the right form: no bytes behind the address. */
  #isAccountKey(words: Uint32Array, key: number): boolean {
    return (
      ((words[key] as number) & 0xff) === SPACES.account &&
      (words[key + 5] as number) >>> 8 === 0 &&
      words[key + 6] === 0 &&
      words[key + 7] === 0
    );
  }

  /** The network, and the window of heights. */
  #isAdmitted(words: Uint32Array, at: number): boolean {
    const network = this.#network;
    const place = at + AT.network / 4;
    for (let i = 0; i < 4; i += 1) if (words[place + i] !== network[i]) return false;
    const from = (words[at + AT.validFrom / 4 + 1] as number) * TWO_32 + (words[at + AT.validFrom / 4] as number);
    const until = (words[at + AT.validUntil / 4 + 1] as number) * TWO_32 + (words[at + AT.validUntil / 4] as number);
    return from <= this.#height && this.#height <= until;
  }
}

/** The head of the operation that stands for this, and its gas. */
function findOperation(programs: ReadonlyMap<number, Program>): [head: number, gas: number] {
  for (const [id, { operations }] of programs) {
    for (const [number, { kernel, gas }] of operations) {
      if (kernel === 'nativeTransfer') return [id | (number << 8) | (ARGUMENTS << 16), gas];
    }
  }
  return [-1, 0];
}
