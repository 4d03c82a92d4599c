/** The unit of the ledger's figures: Ed25519 verifications a second by node:crypto on one core. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';

const MESSAGE = new Uint8Array(47);
const pair = generateKeyPairSync('ed25519');
const signature = sign(null, MESSAGE, pair.privateKey);

/** Verifies on the calling thread for so long. */
export function measureUnit(milliseconds: number): number {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    for (let i = 0; i < 20; i += 1)
      if (!verify(null, MESSAGE, pair.publicKey, signature)) throw new Error('no signature');
    count += 20;
    elapsed = performance.now() - start;
  }
  return (count / elapsed) * 1000;
}
