import type { Gossip } from '../gossip/interface.ts';
import type { Overlay } from '../overlay/interface.ts';
import type { ProverService } from '../prover/interface.ts';
import type { HealthCheck } from './interface.ts';
import type { LedgerService } from './ledger-service.ts';
import type { RegistryHolder } from './registry-holder.ts';
import type { WalletDoor } from './wallet-door.ts';

export interface CheckedParts {
  overlay: Overlay;
  gossip: Gossip;
  prover: ProverService;
  registry: RegistryHolder;
  wallet: WalletDoor;
  ledger: LedgerService | undefined;
}

/** How each part does. `running`: the node has started and does not stop. */
export function checkHealth(parts: CheckedParts, running: boolean): HealthCheck[] {
  const { overlay, gossip, prover, wallet, ledger } = parts;
  const registry = parts.registry.current();
  const checks: HealthCheck[] = [
    { name: 'store', ok: running, required: true, detail: running ? 'open' : 'closed' },
    {
      name: 'overlay',
      ok: running,
      required: true,
      detail: running ? `${overlay.peers().length} peers` : 'not started',
    },
    {
      name: 'verifier',
      ok: running && gossip.canAcceptWork(),
      required: true,
      detail: running ? `${gossip.stats().queueItems} waiting` : 'not started',
    },
    { name: 'prover', ok: prover.canAcceptWork(), required: false, detail: `${prover.stats().queued} waiting` },
    {
      name: 'registry',
      ok: registry !== null,
      required: false,
      detail: registry === null ? 'none yet' : `sequence ${registry.sequence}`,
    },
    { name: 'wallet', ok: wallet.state() === 'open', required: false, detail: wallet.state() },
  ];
  if (ledger !== undefined) checks.push({ name: 'ledger', required: false, ...ledger.health() });
  return checks;
}
