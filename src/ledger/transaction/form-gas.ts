import type { BlockBatch } from '../block/batch.ts';
import { GAS } from '../program/gas.ts';
import { AT, FLAGS } from './layout.ts';
import { declaredKeys, isTagged } from './own-keys.ts';

/** Gas that a transaction takes for what it is, before any operation. @param at its first byte */
export function gasOfForm({ bytes, words }: BlockBatch, at: number): number {
  const proof = ((bytes[at + AT.flags] as number) & FLAGS.proof) === 0 ? 0 : GAS.proof;
  return (
    GAS.transaction +
    GAS.word * ((words[at >> 2] as number) >> 3) +
    GAS.key * declaredKeys(bytes, at) +
    (GAS.signature[bytes[at + AT.algorithm] as number] ?? 0) +
    proof +
    (isTagged(bytes, at) ? GAS.create : 0)
  );
}

/**
 * The least gas limit with which a transaction may stand in a block: room is given out by limits and paid by them, so
 * nobody takes places, bytes or checks for less than their part.
 */
export function leastGasLimit(batch: BlockBatch, at: number): number {
  return Math.max(gasOfForm(batch, at), GAS.roomByte * (batch.words[at >> 2] as number));
}
