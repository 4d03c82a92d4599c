import { MESSAGE_BYTES, signatureLengths } from './format.ts';

/** One signature over a message of 32 bytes. */
export interface SignedItem {
  /** As SIGNATURE_ALGORITHM; another number is a bad signature. */
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** The signatures of a whole block, without an object for each. The arrays are as long as there are signatures. */
export interface SignedBlock {
  /** Holds keys and signatures; may lie in a SharedArrayBuffer that nobody writes to until the verdicts are there. */
  readonly bytes: Uint8Array;
  /** As SIGNATURE_ALGORITHM. */
  readonly algorithms: Uint8Array;
  /** Where each public key begins in `bytes`; the hybrid's is Ed25519's with ML-DSA-44's behind it. */
  readonly publicKeys: Uint32Array;
  /** Where each signature begins in `bytes`, likewise. */
  readonly signatures: Uint32Array;
  /** The messages, 32 bytes each. */
  readonly messages: Uint8Array;
}

/** @throws RangeError where the arrays differ in length */
export function checkLengths({ algorithms, publicKeys, signatures, messages }: SignedBlock): void {
  const count = algorithms.length;
  if (publicKeys.length === count && signatures.length === count && messages.length === count * MESSAGE_BYTES) return;
  throw new RangeError('a block has as many keys, signatures and messages as algorithms');
}

/** Whether an item has the lengths that its algorithm asks for. */
export function isWhole({ algorithm, publicKey, message, signature }: SignedItem): boolean {
  const lengths = signatureLengths(algorithm);
  return (
    lengths !== undefined &&
    message.length === MESSAGE_BYTES &&
    publicKey.length === lengths.publicKey &&
    signature.length === lengths.signature
  );
}

/** Items as a block; one of wrong lengths becomes one of no algorithm. */
export function blockOf(items: readonly SignedItem[]): SignedBlock {
  const whole = items.map(isWhole);
  const total = items.reduce((sum, { publicKey, signature }, i) => {
    return whole[i] === true ? sum + publicKey.length + signature.length : sum;
  }, 0);
  const block = {
    bytes: new Uint8Array(total),
    algorithms: new Uint8Array(items.length),
    publicKeys: new Uint32Array(items.length),
    signatures: new Uint32Array(items.length),
    messages: new Uint8Array(items.length * MESSAGE_BYTES),
  };
  let offset = 0;
  items.forEach(({ algorithm, publicKey, message, signature }, i) => {
    if (whole[i] !== true) return;
    block.algorithms[i] = algorithm;
    block.publicKeys[i] = offset;
    block.signatures[i] = offset + publicKey.length;
    block.bytes.set(publicKey, offset);
    block.bytes.set(signature, offset + publicKey.length);
    block.messages.set(message, i * MESSAGE_BYTES);
    offset += publicKey.length + signature.length;
  });
  return block;
}

/** Whether key and signature number `i` lie within the bytes, under an algorithm that there is. */
export function lies({ bytes, algorithms, publicKeys, signatures }: SignedBlock, i: number): boolean {
  const lengths = signatureLengths(algorithms[i] ?? 0);
  if (lengths === undefined) return false;
  return (
    (publicKeys[i] ?? 0) + lengths.publicKey <= bytes.length && (signatures[i] ?? 0) + lengths.signature <= bytes.length
  );
}

/** The same block with only the signatures of `indices`, ascending; itself if these are all. */
export function select(block: SignedBlock, indices: readonly number[]): SignedBlock {
  if (indices.length === block.algorithms.length) return block;
  const messages = new Uint8Array(indices.length * MESSAGE_BYTES);
  indices.forEach((i, to) => {
    messages.set(block.messages.subarray(i * MESSAGE_BYTES, (i + 1) * MESSAGE_BYTES), to * MESSAGE_BYTES);
  });
  return {
    bytes: block.bytes,
    algorithms: Uint8Array.from(indices, (i) => block.algorithms[i] ?? 0),
    publicKeys: Uint32Array.from(indices, (i) => block.publicKeys[i] ?? 0),
    signatures: Uint32Array.from(indices, (i) => block.signatures[i] ?? 0),
    messages,
  };
}
