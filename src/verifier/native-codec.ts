/** Keys and jobs as the addon takes them; `native/src/verify/{key,jobs}.rs` read them. */
import type { G1Point, G2Point } from '../crypto/bn254.ts';
import type { PairingJob } from './engine.ts';
import type { VerifyingKey } from './verifying-key.ts';

const FIELD_BYTES = 32;
const G1_BYTES = 2 * FIELD_BYTES;
const G2_BYTES = 4 * FIELD_BYTES;
const HEADER_BYTES = 8;
const PROOF_BYTES = 2 * G1_BYTES + G2_BYTES;
const NO_KEY = 0xffffffff;

/** Writes one thing after another; the caller has counted the bytes. */
class Packer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  /** 32 bytes, big-endian. */
  coordinate(value: bigint): void {
    for (let i = 3; i >= 0; i--) {
      this.#view.setBigUint64(this.#at, BigInt.asUintN(64, value >> BigInt(64 * i)));
      this.#at += 8;
    }
  }

  /** 32 bytes, little-endian. */
  scalar(value: bigint): void {
    for (let i = 0; i < 4; i++) {
      this.#view.setBigUint64(this.#at, BigInt.asUintN(64, value >> BigInt(64 * i)), true);
      this.#at += 8;
    }
  }

  g1({ x, y }: G1Point): void {
    this.coordinate(x);
    this.coordinate(y);
  }

  g2({ x, y }: G2Point): void {
    for (const part of [x[0], x[1], y[0], y[1]]) this.coordinate(part);
  }
}

/** alpha (64), beta, gamma, delta (128 each), IC (64 each). */
export function packKey({ alpha, beta, gamma, delta, ic }: VerifyingKey): Uint8Array {
  const packer = new Packer(G1_BYTES + 3 * G2_BYTES + ic.length * G1_BYTES);
  packer.g1(alpha);
  for (const point of [beta, gamma, delta]) packer.g2(point);
  for (const point of ic) packer.g1(point);
  return packer.bytes;
}

/** Per job: key u32, group u32, proof (256), signals (32 each); a job without a key has none. */
export function packJobs(jobs: readonly PairingJob[]): Uint8Array {
  const signalsOf = ({ key, signals }: PairingJob) => (key === undefined ? [] : signals);
  const length = jobs.reduce((sum, job) => sum + HEADER_BYTES + PROOF_BYTES + FIELD_BYTES * signalsOf(job).length, 0);
  const packer = new Packer(length);
  for (const job of jobs) {
    packer.u32(job.key ?? NO_KEY);
    packer.u32(job.group ?? 0);
    packer.g1(job.points.a);
    packer.g2(job.points.b);
    packer.g1(job.points.c);
    for (const signal of signalsOf(job)) packer.scalar(signal);
  }
  return packer.bytes;
}
