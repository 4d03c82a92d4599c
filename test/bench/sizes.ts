/** How often each thing is measured. The whole full run stays below six minutes on two cores. */
export interface Sizes {
  /** Proofs per circuit and side, after the first. */
  warmProofs: number;
  singleVerifications: number;
  /** Batch size and rounds. */
  batches: readonly (readonly [size: number, rounds: number])[];
  /** snarkjs verifications that each batch is held against. */
  verificationsPerRound: number;
  gossipRounds: number;
  gossipListings: number;
  relayListings: number;
  /** Between two messages of the relay rows, so that none waits for another. */
  listingPauseMs: number;
  claimPauseMs: number;
  idleMs: number;
  verifyLoadMs: number;
  cliRuns: number;
}

export const FULL: Sizes = {
  warmProofs: 5,
  singleVerifications: 30,
  batches: [
    [1, 20],
    [8, 12],
    [64, 7],
    [256, 5],
  ],
  verificationsPerRound: 4,
  gossipRounds: 20,
  gossipListings: 400,
  relayListings: 100,
  listingPauseMs: 100,
  claimPauseMs: 250,
  idleMs: 10_000,
  verifyLoadMs: 8_000,
  cliRuns: 3,
};

export const QUICK: Sizes = {
  warmProofs: 1,
  singleVerifications: 2,
  batches: [
    [1, 1],
    [8, 1],
  ],
  verificationsPerRound: 1,
  gossipRounds: 2,
  gossipListings: 10,
  relayListings: 5,
  listingPauseMs: 100,
  claimPauseMs: 250,
  idleMs: 500,
  verifyLoadMs: 500,
  cliRuns: 1,
};
