import type { NativeAddon } from '../../base/native/interface.ts';
import { atMost } from './at-most.ts';
import type { SignedBlock } from './block.ts';
import { verifyEd25519, verifyEd25519Async } from './ed25519.ts';
import { ED25519, MESSAGE_BYTES, SIGNED_PREFIX, signedBytes } from './format.ts';

/** Ed25519 under ZIP 215 with keys of small order refused; both engines give the same verdicts. */
export interface Ed25519Engine {
  /** A verdict per signature of the block, all of which have an Ed25519 part within the bytes. */
  check(block: SignedBlock): Promise<Uint8Array>;
  /** One signature on the calling thread. */
  checkNow(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Batches on `threads` threads of the addon's own. */
export function nativeEngine(addon: NativeAddon, threads: number): Ed25519Engine {
  return {
    check: ({ bytes, publicKeys, signatures, messages }) =>
      addon.verifyEd25519(bytes, publicKeys, signatures, SIGNED_PREFIX, messages, threads),
    checkNow(publicKey, message, signature) {
      const bytes = Buffer.concat([publicKey, signature]);
      const [key, behind] = [Uint32Array.of(0), Uint32Array.of(ED25519.publicKey)];
      return addon.verifyEd25519Sync(bytes, key, behind, SIGNED_PREFIX, message)[0] === 1;
    },
  };
}

/** One by one, `calls` at a time, by node:crypto on libuv's pool; noble decides on the main thread where node:crypto refuses. */
export function portableEngine(calls: number): Ed25519Engine {
  return {
    async check({ bytes, publicKeys, signatures, messages }) {
      const verdicts = new Uint8Array(publicKeys.length);
      await atMost(calls, [...publicKeys.keys()], async (i) => {
        const [key, signature] = [publicKeys[i] ?? 0, signatures[i] ?? 0];
        const good = await verifyEd25519Async(
          bytes.slice(key, key + ED25519.publicKey),
          signedBytes(messages.subarray(i * MESSAGE_BYTES, (i + 1) * MESSAGE_BYTES)),
          bytes.slice(signature, signature + ED25519.signature),
        );
        verdicts[i] = good ? 1 : 0;
      });
      return verdicts;
    },
    checkNow: (publicKey, message, signature) => verifyEd25519(publicKey, signedBytes(message), signature),
  };
}
