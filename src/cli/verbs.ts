import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/** Adds one verb with its sub-verbs to the program. */
export type DefineVerb = (program: Command, context: CliContext) => void;

interface VerbEntry {
  name: string;
  summary: string;
  load(): Promise<{ define: DefineVerb }>;
}

/** All verbs. Only the one that is called is loaded, so each starts as fast as its own imports allow. */
export const VERBS: readonly VerbEntry[] = [
  { name: 'init', summary: 'Make a data folder with its config file', load: () => import('./verbs/init.ts') },
  { name: 'start', summary: 'Run a peer with its REST API', load: () => import('./verbs/start.ts') },
  { name: 'demo', summary: 'Show the whole way on a small network of its own', load: () => import('./verbs/demo.ts') },
  { name: 'issuer', summary: 'Issue and revoke credentials', load: () => import('./verbs/issuer.ts') },
  {
    name: 'registry',
    summary: 'Say which issuers and lists a network accepts',
    load: () => import('./verbs/registry.ts'),
  },
  { name: 'wallet', summary: 'Keep credentials, encrypted', load: () => import('./verbs/wallet.ts') },
  { name: 'policy', summary: 'Check what a policy demands', load: () => import('./verbs/policy.ts') },
  { name: 'prove', summary: 'Prove a policy from the wallet, on this machine', load: () => import('./verbs/prove.ts') },
  { name: 'verify', summary: 'Verify a snarkjs Groth16 proof', load: () => import('./verbs/verify.ts') },
  {
    name: 'groth16',
    summary: 'Prove and verify any Groth16 circuit, in place of snarkjs',
    load: () => import('./verbs/groth16.ts'),
  },
  { name: 'envelope', summary: 'Look into an envelope', load: () => import('./verbs/envelope.ts') },
  {
    name: 'publish',
    summary: 'Publish an envelope through the running node',
    load: () => import('./verbs/publish.ts'),
  },
  { name: 'offer', summary: 'Make, see and withdraw offers', load: () => import('./verbs/offer.ts') },
  { name: 'order', summary: 'Take offers, and accept or decline orders', load: () => import('./verbs/order.ts') },
  {
    name: 'ledger',
    summary: 'Keys, transactions and blocks of the ledger',
    load: () => import('./verbs/ledger.ts'),
  },
  { name: 'peers', summary: 'See and connect peers', load: () => import('./verbs/peers.ts') },
  { name: 'circuits', summary: 'List circuits and their keys', load: () => import('./verbs/circuits.ts') },
  { name: 'ceremony', summary: 'Make proving keys with several parties', load: () => import('./verbs/ceremony.ts') },
  { name: 'config', summary: 'Print every setting and where it came from', load: () => import('./verbs/config.ts') },
  { name: 'doctor', summary: 'Check this machine and this data folder', load: () => import('./verbs/doctor.ts') },
];
