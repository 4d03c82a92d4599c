import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { LedgerStatusView } from '../../node/interface.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Exit } from '../errors.ts';

const LOOK_AGAIN_MS = 250;

export function defineFollow(ledger: Command, context: CliContext): void {
  ledger
    .command('follow')
    .option('--height <n>', 'until this height is here; default: until it is level with the peer')
    .description(
      'Waits until the running node, started with ledger.follow, has come to where its peer is. Exits 1 if it refused a block.',
    )
    .action(async (options: { height?: string }) => {
      const { connectNode } = await import('../client.ts');
      const node = await connectNode(context);
      const progress = context.progress('following');
      try {
        for (;;) {
          const status = await node.get<LedgerStatusView>('/v1/ledger');
          const { head, following } = status;
          if (following === null) {
            throw new CliError(CliErrorCode.NothingThere, 'this node follows nobody', {
              hint: 'start it with --set ledger.follow=<multiaddr with /p2p/<id>>',
            });
          }
          const { state, told, error } = following;
          if (state === 'refused') {
            process.exitCode = Exit.Negative;
            return context.result(status, `refused behind block ${head.height}: ${error?.code}: ${error?.message}`);
          }
          const target = BigInt(options.height ?? told);
          if (target > 0n && BigInt(head.height) >= target) {
            return context.result(status, `level at block ${head.height}, state root ${head.stateRoot}`);
          }
          progress.update(`block ${head.height} of ${told}`);
          await sleep(LOOK_AGAIN_MS, undefined, { signal: context.signal });
        }
      } finally {
        progress.done();
      }
    });
}
