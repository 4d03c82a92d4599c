/** The part of circomlibjs 0.1.7 that this folder uses; the package ships no types. */
declare module 'circomlibjs' {
  export type Element = Uint8Array;
  export type Point = [Element, Element];

  export interface PrimeField {
    p: bigint;
    e(value: bigint | string | number): Element;
    toObject(element: Element): bigint;
  }

  export interface Poseidon {
    (inputs: readonly (bigint | Element)[]): Element;
    F: PrimeField;
  }

  export interface BabyJub {
    F: PrimeField;
    Base8: Point;
    subOrder: bigint;
    addPoint(a: Point, b: Point): Point;
    mulPointEscalar(base: Point, scalar: bigint): Point;
    inSubgroup(point: Point): boolean;
    inCurve(point: Point): boolean;
  }

  export interface Eddsa {
    F: PrimeField;
    babyJub: BabyJub;
    poseidon: Poseidon;
    prv2pub(secretKey: Uint8Array): Point;
    signPoseidon(secretKey: Uint8Array, message: Element): { R8: Point; S: bigint };
    verifyPoseidon(message: Element, signature: { R8: Point; S: bigint }, publicKey: Point): boolean;
  }

  export function buildEddsa(): Promise<Eddsa>;
  export function buildPoseidon(): Promise<Poseidon>;
  /** The paper's algorithm, unoptimised: what tests compare with. */
  export function buildPoseidonReference(): Promise<Poseidon>;
  export function buildBabyjub(): Promise<BabyJub>;
}
