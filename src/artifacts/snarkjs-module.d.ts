/**
 * snarkjs 0.7 ships no types. These cover what this folder and the prover's engine call, and nothing else.
 */
declare module 'snarkjs' {
  /** A file by name, in memory to read, or in memory to be written (`data` is then set). */
  export type SnarkjsFile = string | { type: 'mem'; data?: Uint8Array };

  export interface SnarkjsLogger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }

  export interface SnarkjsProof {
    pi_a: string[];
    pi_b: string[][];
    pi_c: string[];
    protocol: string;
    curve: string;
  }

  /** An element of a field or a point, in Montgomery form. */
  export type FieldBytes = Uint8Array;

  export interface SnarkjsField {
    n8: number;
    s: number;
    w: FieldBytes[];
    shift: FieldBytes;
    e(value: number | bigint | string): FieldBytes;
    mul(a: FieldBytes, b: FieldBytes): FieldBytes;
    neg(a: FieldBytes): FieldBytes;
    random(): FieldBytes;
    toObject(value: FieldBytes): bigint;
    fft(values: Uint8Array): Promise<Uint8Array>;
    ifft(values: Uint8Array): Promise<Uint8Array>;
    batchApplyKey(values: Uint8Array, first: FieldBytes, increment: FieldBytes): Promise<Uint8Array>;
  }

  export interface SnarkjsGroup {
    F: { n8: number };
    zero: Uint8Array;
    /** The generator. */
    g: Uint8Array;
    add(a: Uint8Array, b: Uint8Array): Uint8Array;
    double(a: Uint8Array): Uint8Array;
    neg(a: Uint8Array): Uint8Array;
    isZero(a: Uint8Array): boolean;
    timesFr(point: Uint8Array, scalar: FieldBytes): Uint8Array;
    toAffine(point: Uint8Array): Uint8Array;
    batchToAffine(points: Uint8Array): Promise<Uint8Array>;
    toObject(point: Uint8Array): unknown;
    fromObject(point: unknown): Uint8Array;
    fromRprLEM(bytes: Uint8Array, offset: number): Uint8Array;
    multiExpAffine(bases: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
  }

  export type ThreadCommand = Readonly<Record<string, unknown>>;

  export interface SnarkjsCurve {
    name: string;
    Fr: SnarkjsField;
    G1: SnarkjsGroup;
    G2: SnarkjsGroup;
    tm: { concurrency: number; queueAction(task: ThreadCommand[]): Promise<Uint8Array[]> };
    terminate(): Promise<void>;
  }

  export const curves: {
    getCurveFromName(name: 'bn128', options?: { singleThread?: boolean }): Promise<SnarkjsCurve>;
  };

  export const groth16: {
    prove(key: SnarkjsFile, witness: SnarkjsFile): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(key: unknown, publicSignals: readonly string[], proof: unknown): Promise<boolean>;
  };

  export const powersOfTau: {
    newAccumulator(curve: SnarkjsCurve, power: number, file: SnarkjsFile, logger?: SnarkjsLogger): Promise<unknown>;
    contribute(
      from: SnarkjsFile,
      to: SnarkjsFile,
      name: string,
      entropy: string,
      logger?: SnarkjsLogger,
    ): Promise<unknown>;
    preparePhase2(from: SnarkjsFile, to: SnarkjsFile, logger?: SnarkjsLogger): Promise<unknown>;
  };

  export const zKey: {
    /** Returns -1 instead of throwing where the circuit does not fit. */
    newZKey(
      r1cs: SnarkjsFile,
      powersOfTau: SnarkjsFile,
      key: SnarkjsFile,
      logger?: SnarkjsLogger,
    ): Promise<Uint8Array | -1>;
    contribute(
      from: SnarkjsFile,
      to: SnarkjsFile,
      name: string,
      entropy: string,
      logger?: SnarkjsLogger,
    ): Promise<Uint8Array>;
    /** Returns false instead of throwing for unusable parameters. */
    beacon(
      from: SnarkjsFile,
      to: SnarkjsFile,
      name: string,
      beacon: string,
      iterationsExp: number,
      logger?: SnarkjsLogger,
    ): Promise<Uint8Array | false>;
    verifyFromR1cs(
      r1cs: SnarkjsFile,
      powersOfTau: SnarkjsFile,
      key: SnarkjsFile,
      logger?: SnarkjsLogger,
    ): Promise<boolean>;
    exportVerificationKey(key: SnarkjsFile, logger?: SnarkjsLogger): Promise<Record<string, unknown>>;
  };
}
