/** Blocks of a ledger between peers, as bytes: what they say is the ledger's affair. */
export { fetchBlocks } from './client.ts';
export { LEDGER_PROTOCOL, type ServedBlocks, serveLedger } from './server.ts';
