/** The encrypted keystore of a holder. See `docs/wallet.md`. */
export { WalletError, WalletErrorCode } from './errors.ts';
export * from './interface.ts';
export { createWallet, openWallet, restoreWallet } from './wallet.ts';
