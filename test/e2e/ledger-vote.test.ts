import assert from 'node:assert/strict';
import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { buildTransaction, transactionRequest } from '../../src/api/ledger-build.ts';
import { loadArtifacts } from '../../src/artifacts/index.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { systemClock } from '../../src/base/clock.ts';
import { carry } from '../../src/cli/ledger/proof-file.ts';
import type { CarriedProof } from '../../src/cli/ledger/send.ts';
import { FollowedOrdering } from '../../src/ledger/follower.ts';
import type { ProofChecker } from '../../src/ledger/interface.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { joinSignature } from '../../src/ledger/transaction/codec.ts';
import type { Node } from '../../src/node/index.ts';
import { ledgerProofs } from '../../src/node/ledger-proofs.ts';
import { peerBlocks } from '../../src/node/ledger-source.ts';
import { createOverlay, LOOPBACK_TUNING } from '../../src/overlay/index.ts';
import { createVerifierPool } from '../../src/verifier/index.ts';
import { party } from '../unit/api/ledger-world.ts';
import { eventually } from './node/world.ts';
import { NETWORK, Voters } from './voters.ts';

/** Statuses of the program, see docs/ledger-programs.md. */
const [VOTED, BAD_PROOF] = [0x120, 0x122];
const PEOPLE = { ada: '1988-04-17', ben: '1975-01-02', kim: '2015-06-30' } as const;
const EVE = party(66);

interface Receipt {
  ok: boolean;
  status: number;
  voter?: string;
}

/** Voters as people have them: a wallet, the command line, a node of somebody's, and real proofs. */
describe('votes by proof', () => {
  let voters: Voters;
  let node: Node;
  let first: string;
  let second: string;
  const path = (...names: string[]) => voters.path(...names);
  const exits = <T>(code: number, who: string, ...args: string[]) => voters.exits<T>(code, who, ...args);
  const done = <T = Receipt>(who: string, ...args: string[]) => voters.done<T>(who, ...args);
  const refused = (code: number, who: string, ...args: string[]) => voters.refused(code, who, ...args);
  /** One vote as operations, for `ledger submit`. */
  const ballot = async (file: string, option: number, voter: string): Promise<string> => {
    const { proposal, electorate } = await voters.read<{ proposal: string; electorate: string }>(file);
    const operation = { operation: 'vote.vote', proposal, electorate, option, voter, listed: false };
    await writeFile(path('ballot.json'), JSON.stringify([operation]));
    return path('ballot.json');
  };

  before(async () => {
    voters = await Voters.create();
    for (const [name, birthDate] of Object.entries(PEOPLE)) await voters.person(name, birthDate);
    first = await voters.snapshot('first.json');
    await voters.revoke((await voters.issue('12345', 'nobody', '1990-01-01')).serial);
    second = await voters.snapshot('second.json');
    await Promise.all([voters.key('org', 'org'), voters.key('ada', 'ada-one'), voters.key('ada', 'ada-two')]);
    await Promise.all([voters.key('ben', 'ben-one'), voters.key('ben', 'ben-poor')]);
    await cp(path('ben', 'ledger-keys'), path('kim', 'ledger-keys'), { recursive: true });
    await chmod(path('kim', 'ledger-keys'), 0o700);
    const { 'ben-poor': _, ...funded } = voters.addresses;
    const accounts = [...Object.values(funded), EVE.hex].flatMap((address) => ['--account', `${address}=100000000`]);
    await done('org', 'ledger', 'genesis', '--fee-account', 'org', ...accounts);
    node = await voters.start('org');
  });
  after(() => voters?.close());

  it('opens an electorate and questions with what a person has: a policy, a registry, words', async () => {
    const electorate = path('electorate.json');
    const policy = 'age >= 18 and country in EU';
    const made = await done<Record<string, string>>(
      ...(['org', 'ledger', 'electorate', 'new', policy, electorate, '--from', 'org', '--registry', first] as const),
    );
    const hashes = await done<Record<string, unknown>>('org', 'policy', 'check', policy, '--hash', '--registry', first);
    assert.deepEqual([hashes['policyHash'], hashes['registryRoot']], [made['policy'], made['root']]);
    assert.equal(hashes['ledgerCircuit'], 1);
    const propose = (file: string, words: string, ...more: string[]) =>
      done('org', 'ledger', 'propose', electorate, words, path(file), '--from', 'org', ...more);
    await propose('bench.json', 'A bench in the park?');
    await propose('fountain.json', 'A fountain?', '--options', 'yes,no,later');
    assert.equal(
      await refused(2, 'org', 'policy', 'check', 'balance(EUR) >= 100', '--hash', '--registry', first),
      'CLI_BAD_ARGUMENT',
    );
  });

  it('counts one vote of a person, and refuses the second before and after it is proven', async () => {
    const vote = (from: string, option: string) =>
      ['ledger', 'vote', path('bench.json'), '--option', option, '--from', from, '--registry', first] as const;
    const receipt = await done('ada', ...vote('ada-one', 'yes'));
    assert.equal(receipt.ok, true);
    assert.equal(await refused(1, 'ada', ...vote('ada-two', 'no')), 'CLI_VOTED_ALREADY');
    // Whoever proves all the same meets the program: one nullifier, whatever the account.
    const again = await done<{ voter: string }>(
      ...(['ada', 'prove', 'vote', path('bench.json'), '--account', 'ada-two', '--out', path('again')] as const),
      ...['--registry', first],
    );
    assert.equal(again.voter, receipt.voter);
    const submit = ['ledger', 'submit', await ballot('bench.json', 1, again.voter), '--from', 'ada-two'];
    const denied = await exits<Receipt>(1, 'ada', ...submit, '--proof', path('again'));
    assert.equal(denied.status, VOTED);
  });

  it('says early what is missing: age, money, a question, a registry', async () => {
    const vote = (file: string, from: string, snapshotFile = first) =>
      ['ledger', 'vote', file, '--option', '0', '--from', from, '--registry', snapshotFile] as const;
    const bench = path('bench.json');
    assert.equal(await refused(1, 'kim', ...vote(bench, 'ben-one')), 'CLAIM_COMPARISON_FAILED');
    assert.equal(await refused(2, 'ben', ...vote(bench, 'ben-poor')), 'CLI_FEE_UNPAYABLE');
    assert.equal(await refused(2, 'ben', ...vote(bench, 'ben-one', second)), 'CLI_OTHER_REGISTRY');
    const text = await readFile(bench, 'utf8');
    await writeFile(path('forged.json'), text.replace('A bench', 'No bench'));
    assert.equal(await refused(2, 'ben', ...vote(path('forged.json'), 'ben-one')), 'CLI_OTHER_PROPOSAL');
    const told = JSON.parse(text) as { proposal: string; policy: { credential: object } };
    assert.equal(await refused(2, 'ben', ...vote(told.proposal, 'ben-one')), 'CLI_BAD_ARGUMENT');
    const curious = { ...told.policy, credential: { ...told.policy.credential, disclose: 'country' } };
    await writeFile(path('curious.json'), JSON.stringify({ ...told, policy: curious }));
    const prove = ['prove', 'vote', path('curious.json'), '--account', 'ben-one', '--registry', first] as const;
    assert.equal(await refused(1, 'ben', ...prove), 'CLI_VOTE_LINKABLE');
  });

  it('lets a proof serve its signer, its question and a registry of now, and nothing else', async () => {
    const { voter } = await done<{ voter: string }>(
      ...(['ben', 'prove', 'vote', path('bench.json'), '--account', 'ben-one', '--out', path('proof')] as const),
      ...['--registry', first],
    );
    const submit = (who: string, file: string, from: string) =>
      [who, 'ledger', 'submit', file, '--from', from, '--proof', path('proof')] as const;
    // The command line keeps others from paying for nothing; without it, the program says the same.
    assert.equal(await refused(2, ...submit('org', await ballot('bench.json', 1, voter), 'org')), 'CLI_PROOF_MISMATCH');
    assert.equal((await byEve(voter)).status, BAD_PROOF);
    const other = await exits<Receipt>(1, ...submit('ben', await ballot('fountain.json', 1, voter), 'ben-one'));
    assert.equal(other.status, BAD_PROOF);
    const renew = (file: string) =>
      done('org', 'ledger', 'electorate', 'renew', path('electorate.json'), '--from', 'org', '--registry', file);
    const good = await ballot('bench.json', 1, voter);
    await renew(second);
    assert.equal((await exits<Receipt>(1, ...submit('ben', good, 'ben-one'))).status, BAD_PROOF);
    await renew(first);
    assert.equal((await done(...submit('ben', good, 'ben-one'))).ok, true);
    const { votes } = await done<{ votes: string[] }>('ben', 'ledger', 'proposal', path('bench.json'));
    assert.deepEqual(votes, ['1', '1']);
  });

  /** Eve puts a proof that she has seen under a transaction of her own. */
  async function byEve(voter: string): Promise<Receipt> {
    const [signals, proof] = [await voters.read('proof', 'public.json'), await voters.read('proof', 'proof.json')];
    const { carried } = carry('credential', signals, proof, 'proof');
    await ballot('bench.json', 0, voter);
    return eve(await voters.read<object[]>('ballot.json'), carried);
  }

  /** A transaction of hers, without our command line. */
  async function eve(operations: object[], proof?: CarriedProof): Promise<Receipt> {
    const ledger = node.ledger ?? assert.fail();
    const { network, head } = ledger.status();
    const request = { signer: EVE.hex, operations, ...(proof === undefined ? {} : { proof }) };
    const { body, id } = buildTransaction(transactionRequest.parse(request), {
      network: fromHex(network) ?? assert.fail(),
      height: BigInt(head.height),
      nonce: BigInt(ledger.account(EVE.address, []).nonce),
    });
    const sent = await ledger.submit(joinSignature(body, EVE.signer.publicKey, EVE.signer.sign(id)));
    return (await ledger.receipt(sent, 20_000)) ?? assert.fail('no receipt');
  }

  it('votes without a proof where none is asked for, by the proposal’s id alone', async () => {
    const id = (byte: string) => byte.repeat(10);
    const [anyone, list, open, ended, listed] = [id('a1'), id('b2'), id('c3'), id('d4'), id('e5')];
    const none = { circuit: 0, authority: EVE.hex, root: '00'.repeat(32), policy: '00'.repeat(32) };
    const deadline = Date.now() + 1_500;
    const asked = { question: '00'.repeat(32), options: 2, quorum: '1' };
    const later = String(deadline + 3_600_000);
    const made = await eve([
      { operation: 'vote.createElectorate', id: anyone, mode: 0, ...none },
      { operation: 'vote.createElectorate', id: list, mode: 1, ...none },
      { operation: 'vote.propose', id: open, electorate: anyone, deadline: later, ...asked },
      { operation: 'vote.propose', id: ended, electorate: anyone, deadline: String(deadline), ...asked },
      { operation: 'vote.propose', id: listed, electorate: list, deadline: later, ...asked },
    ]);
    assert.equal(made.status, 0);
    const vote = (proposal: string) => ['ledger', 'vote', proposal, '--option', '1', '--from', 'ben-one'] as const;
    assert.equal((await done('ben', ...vote(open))).ok, true);
    assert.equal(await refused(1, 'ben', ...vote(open)), 'CLI_VOTED_ALREADY');
    assert.equal(await refused(1, 'ben', ...vote(listed)), 'CLI_NOT_A_VOTER');
    await eventually('the end', () => (Date.now() > deadline ? true : undefined));
    assert.equal(await refused(1, 'ben', ...vote(ended)), 'CLI_VOTE_CLOSED');
    assert.equal(await refused(2, 'ben', ...vote('00'.repeat(10))), 'CLI_NOTHING_THERE');
  });

  it('is followed to one root by a peer that verifies every proof itself', async (t) => {
    const circuits = await loadArtifacts({ production: false });
    const verifier = createVerifierPool({ keys: circuits.list().map((found) => found.verifyingKeyBytes), workers: 1 });
    t.after(() => verifier.close());
    const verdicts: boolean[] = [];
    const real = ledgerProofs(circuits, verifier);
    const counting: ProofChecker = {
      async check(jobs) {
        const found = await real.check(jobs);
        verdicts.push(...found);
        return found;
      },
    };
    const overlay = await createOverlay(
      {
        network: NETWORK,
        dataDir: path('overlay'),
        topics: [],
        listen: ['/ip4/127.0.0.1/tcp/0'],
        tuning: LOOPBACK_TUNING,
      },
      { clock: systemClock, validator: { validate: () => ({ action: 'ignore', code: 'TEST' }) } },
    );
    await overlay.start();
    t.after(() => overlay.stop());
    const source = peerBlocks(overlay, node.info().addresses[0] ?? assert.fail());
    const ledger = await openLedger({
      folder: path('followed'),
      genesis: await voters.read<unknown>('org', 'ledger', 'genesis.json'),
      lanes: 0,
      capacity: 4096,
      blockTime: 5,
      hasherThread: false,
      proofs: counting,
      ordering: (parts) => new FollowedOrdering(parts, { source }),
    });
    t.after(() => ledger.close());
    const { head } = (node.ledger ?? assert.fail()).status();
    await eventually('level', () => (String(ledger.head.height) === head.height ? true : undefined));
    assert.equal(toHex(ledger.head.stateRoot), head.stateRoot);
    // Two votes that counted, and four that were undone by the program: all six proofs are true ones.
    assert.deepEqual(verdicts, [true, true, true, true, true, true]);
  });
});
