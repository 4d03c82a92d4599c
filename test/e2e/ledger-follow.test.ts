import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fromHex } from '../../src/base/bytes.ts';
import { systemClock } from '../../src/base/clock.ts';
import { resolveConfig } from '../../src/config/index.ts';
import { decodeHeader, encodeHeader } from '../../src/ledger/block/header.ts';
import type { Ledger } from '../../src/ledger/interface.ts';
import { accountKey } from '../../src/ledger/keys.ts';
import { transfer } from '../../src/ledger/programs/assets/build.ts';
import { verifyStateProof } from '../../src/ledger/state/proof.ts';
import { createNode, type LedgerStatusView, type Node } from '../../src/node/index.ts';
import { servedBlocks } from '../../src/node/ledger-source.ts';
import { createOverlay, LOOPBACK_TUNING, type Overlay } from '../../src/overlay/index.ts';
import { LEDGER_PROTOCOL, type ServedBlocks, serveLedger } from '../../src/overlay/ledger/index.ts';
import { ALICE, BOB, CAROL, GENESIS, makeLedger, signed } from '../unit/api/ledger-world.ts';
import { cleanEnv, LAUNCHER } from '../unit/cli/run-cli.ts';
import { eventually } from './node/world.ts';

const NETWORK = 'local';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'zkb-ledger-e2e-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A data folder with the genesis of tests. */
async function dataFolder(dir: string, name: string): Promise<string> {
  const data = join(dir, name);
  await mkdir(join(data, 'ledger'), { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'ledger', 'genesis.json'), JSON.stringify(GENESIS), { mode: 0o600 });
  return data;
}

// --- two processes ----------------------------------------------------------------------------------------------------

class Peer {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  log = '';
  api = '';
  address = '';
  #token = '';

  constructor(data: string, flags: string[]) {
    const args = [
      'start',
      '--port',
      '0',
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
      '--json',
      '--set',
      'p2p.loopbackTest=true',
    ];
    this.child = spawn(process.execPath, [LAUNCHER, '--data-dir', data, ...args, ...flags], { env: cleanEnv() });
    this.exited = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stderr?.on('data', (part) => {
      this.log += part;
    });
  }

  async started(data: string): Promise<this> {
    const line = await new Promise<string>((resolve, reject) => {
      let text = '';
      this.child.stdout?.on('data', (part) => {
        text += part;
        if (text.includes('\n')) resolve(text);
      });
      this.child.once('close', () => reject(new Error(`start ended: ${text}${this.log}`)));
    });
    const { api, addresses } = JSON.parse(line) as { api: string; addresses: string[] };
    this.api = api;
    this.address = addresses[0] ?? assert.fail('it listens nowhere');
    const file = await readFile(join(data, 'api-tokens.json'), 'utf8');
    this.#token = (JSON.parse(file) as { tokens: { token: string }[] }).tokens[2]?.token ?? '';
    return this;
  }

  async call<T>(path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.api}/v1/ledger${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${path}: ${text}`);
    return JSON.parse(text) as T;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    assert.equal(await this.exited, 0, this.log);
  }
}

describe('a ledger between processes', () => {
  it('is followed over real sockets to one root, also after a kill -9', async (t) => {
    const dir = await folder(t);
    const [one, two] = [await dataFolder(dir, 'producer'), await dataFolder(dir, 'follower')];
    const quick = ['--set', 'ledger.blockTimeMs=20', '--set', 'ledger.capacity=65536'];
    const producer = await new Peer(one, quick).started(one);
    t.after(() => void producer.child.kill('SIGKILL'));
    const { network } = await producer.call<LedgerStatusView>('');
    const nonces = { alice: 0n, bob: 0n, carol: 0n };
    const parties = { alice: ALICE, bob: BOB, carol: CAROL };
    const trade = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const items = Object.entries(parties).map(([name, by]) => {
          const nonce = nonces[name as keyof typeof nonces]++;
          const calls = [transfer(by.address, BOB.address, 5n), transfer(by.address, CAROL.address, 1n)];
          const bytes = signed({ network: fromHex(network) ?? assert.fail() }, by, calls, { nonce });
          return { transaction: Buffer.from(bytes).toString('base64') };
        });
        const answer = await producer.call<{ items: { id?: string }[] }>('/transactions/batch', { items });
        for (const { id } of answer.items) {
          assert.ok(id !== undefined, JSON.stringify(answer));
          assert.equal((await producer.call<{ ok: boolean }>(`/receipts/${id}?wait=10000`)).ok, true);
        }
      }
    };
    await trade(5);
    const follow = ['--set', `ledger.follow=${producer.address}`, ...quick];
    let follower = await new Peer(two, follow).started(two);
    t.after(() => void follower.child.kill('SIGKILL'));
    const level = () =>
      eventually('one root', async () => {
        const [a, b] = await Promise.all([producer.call<LedgerStatusView>(''), follower.call<LedgerStatusView>('')]);
        return b.head.height === a.head.height ? { a, b } : undefined;
      });
    const first = await level();
    assert.deepEqual(first.b.head, first.a.head);
    assert.deepEqual([first.a.state, first.b.state, first.b.following?.state], ['open', 'follower', 'following']);
    await trade(3);
    await level();
    // While blocks come in: whatever it was doing, what is in its log was verified.
    const dying = trade(4);
    follower.child.kill('SIGKILL');
    await Promise.all([dying, follower.exited]);
    follower = await new Peer(two, follow).started(two);
    const second = await level();
    assert.deepEqual(second.b.head, second.a.head);
    assert.ok(BigInt(second.b.head.height) > BigInt(first.b.head.height));
    const key = accountKey(BOB.address);
    const shown = await follower.call<{ record: string; proof: string }>(
      `/records/${Buffer.from(key).toString('hex')}`,
    );
    const root = fromHex(second.a.head.stateRoot) ?? assert.fail();
    assert.ok(verifyStateProof(root, key, fromHex(shown.record), fromHex(shown.proof) ?? assert.fail()));
    await follower.stop();
    await producer.stop();
  });
});

// --- hostile producers ---------------------------------------------------------------------------------------------

interface Hostile {
  overlay: Overlay;
  address: string;
}

/** A peer that serves what it is given, over a real socket. */
async function hostile(t: TestContext, serve: (overlay: Overlay) => void): Promise<Hostile> {
  const overlay = await createOverlay(
    {
      network: NETWORK,
      dataDir: await folder(t),
      topics: [],
      listen: ['/ip4/127.0.0.1/tcp/0'],
      tuning: LOOPBACK_TUNING,
    },
    { clock: systemClock, validator: { validate: () => ({ action: 'ignore', code: 'TEST' }) } },
  );
  serve(overlay);
  await overlay.start();
  t.after(() => overlay.stop());
  return { overlay, address: overlay.addresses()[0] ?? assert.fail() };
}

/** A real node that follows it. */
async function follower(t: TestContext, address: string): Promise<Node> {
  const { config } = resolveConfig({
    env: {},
    flags: {
      dataDir: await dataFolder(await folder(t), 'node'),
      'network.name': NETWORK,
      'p2p.listen': ['/ip4/127.0.0.1/tcp/0'],
      'p2p.loopbackTest': true,
      'ledger.follow': address,
      'ledger.capacity': 4096,
      'ledger.lanes': 0,
      'log.level': 'silent',
    },
  });
  const node = await createNode(config, { overlayTuning: { requestTimeoutMs: 1000 } });
  await node.start();
  t.after(() => node.stop());
  return node;
}

/** Five blocks of one transaction each. */
async function honest(t: TestContext): Promise<Ledger> {
  const { ledger, close } = await makeLedger();
  t.after(close);
  for (let nonce = 0n; nonce < 5n; nonce += 1n) {
    const id = await ledger.submit(signed(ledger, ALICE, [transfer(ALICE.address, BOB.address, 10n)], { nonce }));
    await ledger.executed(id);
  }
  await eventually('five blocks', () => (ledger.head.height === 5n ? true : undefined));
  return ledger;
}

const statusOf = (node: Node) => node.ledger?.status() ?? assert.fail('no ledger');
/** While it is opened anew, it says that it is closed. */
const settled = (node: Node) =>
  eventually('a refusal', () => {
    try {
      const status = statusOf(node);
      return status.following?.state === 'refused' ? status : undefined;
    } catch {
      return undefined;
    }
  });

describe('a node that follows a hostile one', () => {
  it('refuses a wrong root after it has executed the block, and goes on answering from the one before', async (t) => {
    const ledger = await honest(t);
    const served = servedBlocks(() => ledger);
    const lying: ServedBlocks = {
      get head() {
        return served.head;
      },
      whenAt: (height, signal) => served.whenAt(height, signal),
      async block(height) {
        const block = await served.block(height);
        if (height !== 4n) return block;
        return {
          ...block,
          header: encodeHeader({ ...decodeHeader(block.header), stateRoot: new Uint8Array(32).fill(1) }),
        };
      },
    };
    const { address } = await hostile(t, (overlay) => serveLedger(overlay, lying));
    const node = await follower(t, address);
    const refused = await settled(node);
    assert.equal(refused.following?.error?.code, 'LEDGER_ROOT_MISMATCH');
    assert.match(refused.following?.error?.message ?? '', /block 4: stateRoot/);
    // Opened anew: exactly the state after block 3, and provable.
    const back = await eventually('answers', () => {
      try {
        return node.ledger?.account(BOB.address, []).height === '3' ? statusOf(node) : undefined;
      } catch {
        return undefined;
      }
    });
    const third = await ledger.block(3n);
    assert.equal(back.head.stateRoot, Buffer.from(third.header.stateRoot).toString('hex'));
    assert.equal(node.ledger?.account(BOB.address, []).balance, String(BigInt(GENESIS.balances[BOB.hex] ?? 0) + 30n));
    const shown = await node.ledger?.record(accountKey(BOB.address));
    assert.ok(shown !== undefined && shown.header.height === '3');
    const { checks } = node.health();
    assert.equal(checks.find(({ name }) => name === 'ledger')?.ok, false);
    assert.match((await node.metrics()).body, /zkbazaar_ledger_follow_refused 1/);
    assert.match((await node.metrics()).body, /zkbazaar_ledger_refusals_total\{code="LEDGER_ROOT_MISMATCH"\} 1/);
  });

  it('refuses a changed transaction before it executes anything of it', async (t) => {
    const ledger = await honest(t);
    const served = servedBlocks(() => ledger);
    const lying: ServedBlocks = {
      get head() {
        return served.head;
      },
      whenAt: (height, signal) => served.whenAt(height, signal),
      async block(height) {
        const block = await served.block(height);
        const transactions = block.transactions.map((bytes) => bytes.slice());
        const [first] = transactions;
        if (height === 2n && first !== undefined) first[first.length - 1] = (first.at(-1) ?? 0) ^ 1;
        return { ...block, transactions };
      },
    };
    const { address } = await hostile(t, (overlay) => serveLedger(overlay, lying));
    const node = await follower(t, address);
    const refused = await settled(node);
    assert.equal(refused.following?.error?.code, 'LEDGER_TRANSACTION_UNSIGNED');
    assert.equal(refused.head.height, '1');
  });

  const troubles: Record<string, (overlay: Overlay) => void> = {
    'sends frames that are too large': (overlay) =>
      overlay.handle(LEDGER_PROTOCOL, () => new Uint8Array(4 * 1024 * 1024), { maxResponseBytes: 8 * 1024 * 1024 }),
    'sends rubbish': (overlay) => overlay.handle(LEDGER_PROTOCOL, () => new Uint8Array(300).fill(255)),
    'never answers': (overlay) => overlay.handle(LEDGER_PROTOCOL, () => new Promise<Uint8Array>(() => undefined)),
    'speaks no such protocol': () => undefined,
  };
  for (const [what, serve] of Object.entries(troubles)) {
    it(`waits, and lives, where a peer ${what}`, async (t) => {
      const { address } = await hostile(t, serve);
      const node = await follower(t, address);
      const waiting = await eventually('trouble', () => {
        const { following, head } = statusOf(node);
        const code = following?.error?.code ?? '';
        return code.startsWith('OVERLAY_') && code !== 'OVERLAY_NOT_RUNNING' ? { following, head } : undefined;
      });
      assert.deepEqual([waiting.following?.state, waiting.head.height], ['waiting', '0']);
      assert.equal(node.health().ready, true);
    });
  }
});
