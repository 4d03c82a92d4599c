import { HASH_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { type Changes, type StateDelta, sortChanges } from './tree-changes.ts';
import { Descent } from './tree-descent.ts';
import { Frontier } from './tree-frontier.ts';
import { ledgerHashes, type TreeHashes } from './tree-hashes.ts';
import { HASH_WORDS, NodeStore } from './tree-nodes.ts';
import { Rehash } from './tree-rehash.ts';
import { SlotPaths } from './tree-slots.ts';

/**
 * Random keys make 1.44 nodes a leaf (1 / ln 2). Ground ones make more: 2^36 hashes give 2^21 pairs that share 50 bits, 30
 * nodes each; room for that, since a full tree stops the ledger. What is not used takes no memory.
 */
const NODES_PER_SLOT = 32;
const NODES_AT_LEAST = 65_536;
const PATH_BITS = 256;
/** Changes per subtree that is done as one: about 4,000 nodes, which fit a core's own cache. */
const GROUP = 512;

export interface TreeSize {
  leaves: number;
  nodes: number;
  /** Memory that is held, in use or not. */
  bytes: number;
}

/** The way from the root to where a path ends. */
export interface Trace {
  /** Hash beside the way at each level, from the root down; zeros where nothing is. */
  siblings: Uint8Array[];
  /** The leaf at the end: its slot, path and hash. Nothing is there where undefined. */
  leaf?: { slot: number; path: Uint8Array; hash: Uint8Array };
}

/**
 * The state as a compact sparse Merkle tree (as in Diem's Jellyfish tree, with two children a node): a leaf stands as near
 * to the root as its path is alone, a node is the keyed hash of its children, nothing is 32 zeros. The root depends on
 * the records alone, not on the order in which they came.
 *
 * Costs about 72 bytes a node and 33 a slot: 140 MB for 1,000,000 records.
 */
export class StateTree {
  readonly #hashes: TreeHashes;
  readonly #maxSlots: number;
  readonly #upper = new Frontier();
  readonly #lower = new Frontier();
  readonly #rehash: Rehash;
  #nodes: NodeStore;
  #slots: SlotPaths;
  #leaves = 0;
  readonly #maxNodes: number;
  /** Set while a delta is being applied; stays set if that failed, since half of it is in. */
  #torn = false;

  /** @param maxSlots slots are below it; bounds the memory, too */
  constructor(maxSlots: number, hashes: TreeHashes = ledgerHashes) {
    this.#hashes = hashes;
    this.#rehash = new Rehash(hashes);
    this.#maxSlots = maxSlots;
    this.#maxNodes = maxSlots * NODES_PER_SLOT + NODES_AT_LEAST;
    this.#nodes = new NodeStore(this.#maxNodes);
    this.#slots = new SlotPaths(maxSlots);
  }

  /** 32 bytes, a copy. */
  get root(): Uint8Array {
    this.#checkWhole();
    return this.#hashAt(0);
  }

  get size(): TreeSize {
    return {
      leaves: this.#leaves,
      nodes: this.#nodes.count,
      bytes: this.#nodes.bytes + this.#slots.size + this.#upper.bytes + this.#lower.bytes,
    };
  }

  /**
   * Takes changes in and gives the new root, 32 bytes. Removing what is not there changes nothing. A refused delta
   * (LEDGER_KEY_INVALID for its lengths or slots) leaves the tree as it was.
   * @throws LEDGER_KEY_INVALID; also where two keys would have one slot: the tree is then of no use and says so
   * @throws LEDGER_STATE_FULL likewise
   */
  apply(delta: StateDelta): Uint8Array {
    this.#checkWhole();
    const changes = sortChanges(delta, this.#hashes, this.#maxSlots);
    if (changes.count === 0) return this.root;
    this.#torn = true;
    this.#reach(changes);
    this.#keepPaths(changes, this.#walk(changes));
    this.#torn = false;
    return this.root;
  }

  /**
   * The tree of these records and no others, from nothing.
   * @throws LEDGER_KEY_INVALID if a key or a slot is there twice
   */
  build(records: StateDelta): Uint8Array {
    this.#nodes = new NodeStore(this.#maxNodes, Math.ceil(records.count * 1.5));
    this.#slots = new SlotPaths(this.#maxSlots);
    this.#leaves = 0;
    this.#torn = false;
    this.apply(records);
    let expected = 0;
    for (let i = 0; i < records.count; i += 1) if (records.lengths[i] !== 0) expected += 1;
    if (this.#leaves !== expected) {
      this.#torn = true;
      throw new LedgerError('LEDGER_KEY_INVALID', `${expected} records have ${this.#leaves} different keys`);
    }
    return this.root;
  }

  /** The way of a path (32 bytes), for proofs. */
  trace(path: Uint8Array): Trace {
    this.#checkWhole();
    const { children } = this.#nodes;
    const siblings: Uint8Array[] = [];
    let place = 0;
    for (let depth = 0; (children[place] as number) > 0; depth += 1) {
      const right = ((path[depth >>> 3] as number) >>> (7 - (depth & 7))) & 1;
      place = (children[place] as number) * 2 + right;
      siblings.push(this.#hashAt(place ^ 1));
    }
    const reference = children[place] as number;
    if (reference === 0) return { siblings };
    const slot = ~reference;
    const own = this.#slots.bytes.slice(slot * HASH_BYTES, (slot + 1) * HASH_BYTES);
    return { siblings, leaf: { slot, path: own, hash: this.#hashAt(place) } };
  }

  /**
   * The upper levels once; below them subtree by subtree, down and up again, so that its nodes and their memory pages are
   * still at hand on the way back.
   * @returns 1 for each change whose leaf has a slot that it had not before
   */
  #walk(changes: Changes): Uint8Array {
    const descent = new Descent(this.#nodes, this.#slots, changes);
    const depth = Math.max(0, Math.ceil(Math.log2(changes.count / GROUP)));
    const upper = this.#upper;
    const lower = this.#lower;
    descent.start(upper);
    descent.run(upper, 0, depth);
    const end = upper.count;
    for (let entry = upper.startOf(depth); entry < end; entry += 1) {
      lower.reset();
      lower.openLevel();
      lower.copy(upper, entry);
      descent.run(lower, depth, PATH_BITS);
      this.#rehash.run(this.#nodes, lower, lower.levels);
    }
    this.#rehash.run(this.#nodes, upper, depth);
    this.#leaves += descent.added;
    return descent.moved;
  }

  #hashAt(place: number): Uint8Array {
    const words = this.#nodes.hashes.slice(place * HASH_WORDS, (place + 1) * HASH_WORDS);
    return new Uint8Array(words.buffer);
  }

  #reach({ slots }: Changes): void {
    let highest = -1;
    for (let i = 0; i < slots.length; i += 1) highest = Math.max(highest, slots[i] as number);
    this.#slots.reach(highest);
  }

  /** After the way down, which reads the old paths: a slot may have passed from one key to another. */
  #keepPaths({ slots, pathWords }: Changes, moved: Uint8Array): void {
    const { words, uses } = this.#slots;
    for (let index = 0; index < moved.length; index += 1) {
      if (moved[index] === 0) continue;
      const slot = slots[index] as number;
      if (uses[slot] !== 1) throw new LedgerError('LEDGER_KEY_INVALID', `slot ${slot} was given to two keys`);
      for (let word = 0; word < HASH_WORDS; word += 1) {
        words[slot * HASH_WORDS + word] = pathWords[index * HASH_WORDS + word] as number;
      }
    }
  }

  #checkWhole(): void {
    if (!this.#torn) return;
    throw new LedgerError('LEDGER_CLOSED', 'the state tree took only half of a delta and is of no use', {
      hint: 'build it again from the records',
    });
  }
}
