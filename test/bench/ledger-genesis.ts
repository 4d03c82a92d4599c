import { ADDRESS_BYTES } from '../../src/ledger/constants.ts';

/** Its hash names the network of every block here; the accounts come by a snapshot of height 0, as after an import. */
export const GENESIS = { name: 'bench', time: 1, feeAccount: 'fe'.repeat(ADDRESS_BYTES), balances: {} };
