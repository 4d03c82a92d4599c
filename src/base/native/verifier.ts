/** The verifier's part of the addon. */
export type NativeVerifierFace = object;
