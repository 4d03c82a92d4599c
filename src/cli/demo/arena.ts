import { setTimeout as sleep } from 'node:timers/promises';
import {
  createEnvelope,
  createPseudonym,
  encodeBody,
  encodeEnvelope,
  envelopeId,
  signEnvelope,
} from '../../envelope/index.ts';
import type { EnvelopeKind, ListingBody } from '../../envelope/interface.ts';
import { networkTopics, topicOfKind } from '../../gossip/index.ts';
import type { VerdictEntry } from '../../node/interface.ts';
import { createRawPublisher } from '../../overlay/index.ts';
import { NETWORK } from './cast.ts';
import type { DemoNetwork } from './network.ts';
import { expect, until } from './wait.ts';

/** A relayed message needs some ten milliseconds a hop, so what P2 has not seen by then is not on its way. */
const SETTLE_MS = 400;

export interface Refusal {
  /** Code of P1's verdict. */
  code: string;
  action: string;
  /** How many of P2 to P4 have seen anything of it. */
  reached: number;
}

interface Thrown {
  id: string;
  attacker: string;
}

/** Throws bytes at P1 as a stranger would, and looks what became of them. */
export class Arena {
  readonly #network: DemoNetwork;
  readonly #signal: AbortSignal;
  readonly #honest: ReadonlySet<string>;
  readonly #thrown: Thrown[] = [];

  /** @param honest ids of claims that may be anywhere */
  constructor(network: DemoNetwork, honest: readonly string[], signal: AbortSignal) {
    this.#network = network;
    this.#honest = new Set(honest);
    this.#signal = signal;
  }

  /** @throws DemoError unless P1 refuses with `code` and nobody else has seen it */
  async attack(envelope: { id: string; data: Uint8Array }, code: string): Promise<Refusal> {
    const others = this.#network.peers.slice(1);
    const before = await Promise.all(others.map((peer) => peer.lastVerdict()));
    const { verdict, attacker } = await this.#throw('claim', envelope.data);
    this.#thrown.push({ id: envelope.id, attacker });
    await sleep(SETTLE_MS, undefined, { signal: this.#signal });
    expect(verdict.action !== 'accept', `P1 accepted it: ${verdict.code}`);
    expect(verdict.code === code, `P1 refused it as ${verdict.code}, not as ${code}`);
    const seen = await Promise.all(
      others.map(async (peer, at) => (await peer.verdicts(before[at])).some((entry) => this.#isClaim(entry))),
    );
    const reached = seen.filter(Boolean).length;
    expect(reached === 0, `${reached} further peers have seen it`);
    for (const peer of this.#network.peers) {
      expect((await peer.find(`/v1/envelopes/${envelope.id}`)) === undefined, `${peer.name} keeps it`);
    }
    return { code: verdict.code, action: verdict.action, reached };
  }

  /**
   * Shows that silence means refusal: the same kind of stranger, over the same way, with a message nobody objects to.
   * What came before it on these links would have come by now as well, so the logs are read once more.
   */
  async control(): Promise<{ ms: number }> {
    const { signer } = createPseudonym();
    const listing: ListingBody = {
      v: 1,
      side: 'sell',
      title: 'An ordinary message',
      price: { asset: 'EUR', amount: '100' },
      takerPolicy: '',
      units: 1,
      peer: this.#network.peer('P1').peerId,
      addresses: [],
    };
    const unsigned = createEnvelope({
      kind: 'listing',
      expiresAt: Math.floor(Date.now() / 1000) + 600,
      pseudonym: signer.publicKey,
      body: encodeBody('listing', listing),
    });
    const id = envelopeId(unsigned, NETWORK);
    const started = performance.now();
    await this.#throw('listing', encodeEnvelope(signEnvelope(unsigned, NETWORK, signer)));
    for (const peer of this.#network.peers) {
      await until(`the ordinary message at ${peer.name}`, () => peer.find(`/v1/envelopes/${id}`), this.#signal);
    }
    const ms = Math.round(performance.now() - started);
    for (const peer of this.#network.peers.slice(1)) {
      const entries = await peer.verdicts();
      const bad = entries.find(
        ({ envelopeId: seen, from }) =>
          this.#thrown.some(({ id, attacker }) => id === seen || attacker === from) && !this.#honest.has(seen ?? ''),
      );
      expect(bad === undefined, `${peer.name} has seen an attack after all`);
    }
    return { ms };
  }

  #isClaim({ kind, envelopeId: id }: VerdictEntry): boolean {
    return (kind === 'claim' || kind === null) && !this.#honest.has(id ?? '');
  }

  /** With a fresh identity each time, as an attacker who is shut out would come back. */
  async #throw(kind: EnvelopeKind, data: Uint8Array): Promise<{ verdict: VerdictEntry; attacker: string }> {
    const target = this.#network.peer('P1');
    const publisher = await createRawPublisher({ topics: networkTopics(NETWORK), target: target.address });
    try {
      await publisher.publish(topicOfKind(NETWORK, kind), data);
      const verdict = await until(
        'a verdict of P1',
        async () => (await target.verdicts()).find(({ from }) => from === publisher.peerId),
        this.#signal,
      );
      return { verdict, attacker: publisher.peerId };
    } finally {
      await publisher.stop();
    }
  }
}
