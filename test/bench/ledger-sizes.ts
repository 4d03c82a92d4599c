/** How much the ledger suite measures. */
export interface LedgerSizes {
  accounts: number;
  /** Transactions of a block. */
  block: number;
  /** Accounts whose keys are known, of those above. */
  signers: number;
  /** Milliseconds of each reading of the unit. */
  unitMs: number;
  /** Turns of each way to execute, and blocks in each; before them, blocks that compile the code. */
  turns: number;
  turnBlocks: number;
  warmBlocks: number;
  /** Turns of two blocks each way for each program. */
  programTurns: number;
  /** Blocks of the row with roots and log, which recovery then opens; of its other rows; of each signed row. */
  durableBlocks: number;
  plainBlocks: number;
  signedBlocks: number;
  /** Transactions of a block of market makers, with 16 operations each, and such blocks. */
  makerBlock: number;
  makerBlocks: number;
  /** Transactions of a block in the rows of post-quantum signatures, which take 3.9 kB each, and such blocks. */
  quantumBlock: number;
  quantumBlocks: number;
  /** Blocks of a log that is audited, and turns of each number of shards. */
  auditBlocks: number;
  auditTurns: number;
  /** Transactions through `openLedger`, at full speed and then at half of it; single submissions. */
  liveTransactions: number;
  halfTransactions: number;
  singles: number;
}

export const LEDGER_FULL: LedgerSizes = {
  accounts: 1_000_000,
  block: 10_000,
  signers: 20_000,
  unitMs: 100,
  turns: 4,
  turnBlocks: 6,
  warmBlocks: 12,
  programTurns: 2,
  durableBlocks: 100,
  plainBlocks: 20,
  signedBlocks: 15,
  makerBlock: 2_000,
  makerBlocks: 10,
  quantumBlock: 2_000,
  quantumBlocks: 3,
  auditBlocks: 20,
  auditTurns: 2,
  liveTransactions: 200_000,
  halfTransactions: 30_000,
  singles: 300,
};

export const LEDGER_QUICK: LedgerSizes = {
  accounts: 2_000,
  block: 200,
  signers: 100,
  unitMs: 5,
  turns: 1,
  turnBlocks: 2,
  warmBlocks: 1,
  programTurns: 1,
  durableBlocks: 4,
  plainBlocks: 3,
  signedBlocks: 3,
  makerBlock: 20,
  makerBlocks: 3,
  quantumBlock: 20,
  quantumBlocks: 2,
  auditBlocks: 4,
  auditTurns: 1,
  liveTransactions: 400,
  halfTransactions: 200,
  singles: 10,
};
