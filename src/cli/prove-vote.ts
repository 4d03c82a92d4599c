import type { CliContext } from './context.ts';
import { CliError, CliErrorCode } from './errors.ts';
import { policyHashOf, proveBallot, rootOf } from './ledger/ballot.ts';
import { addressFrom } from './ledger/keys.ts';
import { voterOf } from './ledger/proof-file.ts';
import { readProposal } from './ledger/vote-files.ts';
import { loadSnapshot } from './registry-file.ts';

/**
 * The proof of one vote, without any node: for a wallet on another machine than the key that signs, with
 * `ledger submit --proof`.
 * @param account address, or name of a key here
 */
export async function proveVote(
  context: CliContext,
  path: string,
  account: string,
  options: { registry?: string | undefined; linkable?: boolean | undefined },
) {
  const file = await readProposal(path);
  const { dated, scope, proposal, electorate } = file;
  if (dated === undefined) {
    throw new CliError(CliErrorCode.BadArgument, 'nothing has to be proven for this vote', {
      where: path,
      hint: 'vote with zkbazaar ledger vote',
    });
  }
  const signer = await addressFrom(context, account);
  const registry = await loadSnapshot(context, options.registry);
  const progress = context.progress('proving');
  try {
    const made = await proveBallot(context, { dated, scope, signer, registry, linkable: options.linkable }, progress);
    const { nullifier, verifyingKey, developmentKeys, ...proven } = made;
    const shown = {
      ...proven,
      proposal,
      electorate,
      signer,
      voter: voterOf(nullifier),
      root: rootOf(registry),
      policy: await policyHashOf(dated, registry),
    };
    return { shown, verifyingKey, developmentKeys };
  } finally {
    progress.done();
  }
}
