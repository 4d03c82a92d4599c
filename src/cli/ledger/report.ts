import { toHex } from '../../base/bytes.ts';
import { isCodedError } from '../../base/errors.ts';
import { circuitKeysOf, openGenesis } from '../../ledger/genesis.ts';
import type { LedgerStatusView } from '../../node/interface.ts';
import type { CliContext } from '../context.ts';
import { readJson } from '../files.ts';

/**
 * What doctor says of the ledger: its genesis, and how the running node is doing with it.
 * @throws LEDGER_GENESIS_INVALID; LEDGER_CIRCUIT_MISMATCH where no node could open it here
 */
export async function describeLedger(context: CliContext, file: string): Promise<{ good: boolean; detail: string }> {
  const content = await readJson(file);
  const network = toHex(openGenesis(content).network);
  await requireKeys(context, circuitKeysOf(content));
  const status = await running(context);
  if (status === undefined) return { good: true, detail: `network ${network}; node not running` };
  const trouble = status.error ?? (status.following?.state === 'refused' ? status.following.error : null);
  const detail = `network ${status.network}, height ${status.head.height}, ${status.records} records`;
  if (status.network !== network) return { good: false, detail: `${detail}; the genesis file is of ${network}` };
  if (trouble !== null) return { good: false, detail: `${detail}; ${trouble.code}: ${trouble.message}` };
  const { following } = status;
  return { good: true, detail: following === null ? detail : `${detail}; follows a peer at height ${following.told}` };
}

async function requireKeys(context: CliContext, bound: ReadonlyMap<number, string> | undefined): Promise<void> {
  if (bound === undefined) return;
  const [{ loadArtifacts }, { requireCircuitKeys }] = await Promise.all([
    import('../../artifacts/load.ts'),
    import('../../node/ledger-proofs.ts'),
  ]);
  const { config } = await context.settings();
  const proofsDirectory = config.artifacts.dir ?? undefined;
  requireCircuitKeys(await loadArtifacts({ proofsDirectory, production: config.network.production }), bound);
}

async function running(context: CliContext): Promise<LedgerStatusView | undefined> {
  const { connectNode } = await import('../client.ts');
  try {
    return await (await connectNode(context)).get<LedgerStatusView>('/v1/ledger');
  } catch (error) {
    const absent = ['CLI_NODE_UNREACHABLE', 'API_TOKEN_FILE', 'API_NO_LEDGER'];
    if (isCodedError(error) && absent.includes(error.code)) return undefined;
    throw error;
  }
}
