import { getCrypto } from './crypto.ts';
import type { EddsaSignature, Point, SigningCrypto } from './interface.ts';

let shared: Promise<SigningCrypto> | undefined;

/**
 * The same with EdDSA-Poseidon's secret half, by circomlibjs: keys and nonces come from BLAKE-512, which nothing else
 * here needs. The library takes over a second to load and 200 MiB, so only issuers do.
 */
export function getSigningCrypto(): Promise<SigningCrypto> {
  shared ??= build();
  return shared;
}

async function build(): Promise<SigningCrypto> {
  const { buildEddsa } = await import('circomlibjs');
  const eddsa = await buildEddsa();
  const { F } = eddsa;
  return {
    ...(await getCrypto()),
    publicKey(secretKey: Uint8Array): Point {
      const [x, y] = eddsa.prv2pub(secretKey);
      return { x: F.toObject(x), y: F.toObject(y) };
    },
    signPoseidon(secretKey: Uint8Array, message: bigint): EddsaSignature {
      const { R8, S } = eddsa.signPoseidon(secretKey, F.e(message));
      return { r8x: F.toObject(R8[0]), r8y: F.toObject(R8[1]), s: S };
    },
  };
}
