import { SPACES } from '../constants.ts';
import { AT, FLAGS } from './layout.ts';

/**
 * Keys that a transaction in a batch has without declaring them: the signer's account and, with a tag, its replay record.
 * Written as words, little-endian as everything here, without an object for each.
 */

/** Puts the key of the signer's account at word `to`. @param at the transaction's first byte */
export function writeAccountKey(words: Uint32Array, at: number, keys: Uint32Array, to: number): void {
  writeOwnKey(words, at, SPACES.account, keys, to);
}

/** Puts the key of the replay record at word `to`: space, signer, tag. */
export function writeReplayKey(words: Uint32Array, at: number, keys: Uint32Array, to: number): void {
  writeOwnKey(words, at, SPACES.replay, keys, to);
  const tag = (at + AT.sequence) >> 2;
  const [low, high] = [words[tag] as number, words[tag + 1] as number];
  keys[to + 5] = (keys[to + 5] as number) | (low << 8);
  keys[to + 6] = (low >>> 24) | (high << 8);
  keys[to + 7] = high >>> 24;
}

/** Whether the transaction at byte `at` has a tag, and so a replay record. */
export function isTagged(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + AT.flags] as number) & FLAGS.tag) !== 0;
}

/** Keys that it declares. */
export function declaredKeys(bytes: Uint8Array, at: number): number {
  return (bytes[at + AT.writes] as number) + (bytes[at + AT.reads] as number) + (bytes[at + AT.credits] as number);
}

/** Where each transaction's keys begin, the own ones among them; one entry more than transactions. */
export function keyStarts(bytes: Uint8Array, offsets: Uint32Array, starts: Uint32Array): void {
  let total = 0;
  for (let i = 0; i + 1 < starts.length; i += 1) {
    starts[i] = total;
    const at = offsets[i] as number;
    total += 1 + declaredKeys(bytes, at) + (isTagged(bytes, at) ? 1 : 0);
  }
  starts[starts.length - 1] = total;
}

/** The space's byte and the signer's 20, then zeros. */
function writeOwnKey(words: Uint32Array, at: number, space: number, keys: Uint32Array, to: number): void {
  const from = (at + AT.signer) >> 2;
  let carry = space;
  for (let i = 0; i < 5; i += 1) {
    const word = words[from + i] as number;
    keys[to + i] = carry | (word << 8);
    carry = word >>> 24;
  }
  keys[to + 5] = carry;
  keys[to + 6] = 0;
  keys[to + 7] = 0;
}
