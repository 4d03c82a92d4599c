import type { OfferView, OrderView } from '../../market/interface.ts';
import type { VerdictEntry } from '../../node/interface.ts';
import type { JobEvent } from '../../prover/interface.ts';
import { POLICY } from './cast.ts';
import type { DemoNetwork } from './network.ts';
import type { Peer } from './peer.ts';
import { type Script, table } from './script.ts';
import { expect, until } from './wait.ts';

/** What nobody but Tom, his bank and his identity issuer may ever read. */
const TOMS_SECRETS = /Tom|Beispiel|AT110|AT810|1750|175050|142000|1994/;

export interface Deal {
  offer: OfferView;
  order: OrderView;
}

/** Offer, proof, verdicts, qualified, accepted. */
export async function trade(script: Script, network: DemoNetwork, signal: AbortSignal): Promise<Deal> {
  const [tom, mara] = [network.peer('P1'), network.peer('P4')];
  const { offer } = await script.step('offer', 'an offer travels', async () => {
    const made = await mara.client.post<OfferView>('/v1/offers', {
      title: 'Cargo bicycle, steel, one owner',
      price: { asset: 'EUR', amount: '120000' },
      policy: POLICY,
      units: 3,
    });
    await until('the offer at P1', () => tom.find<OfferView>(`/v1/offers/${made.id}`), signal);
    // No two but neighbours have spoken yet, so this is the way it took, by gossip or sync.
    const heard = await Promise.all(
      (['P3', 'P2', 'P1'] as const).map(async (name) => {
        const entry = (await network.peer(name).verdicts()).find(
          ({ envelopeId, action }) => envelopeId === made.id && action === 'accept',
        );
        return network.nameOf(entry?.from ?? '').slice(0, 2);
      }),
    );
    const way = [...heard, 'P1'];
    expect(way.join() === 'P4,P3,P2,P1', `the offer went ${way.join(' to ')}`);
    return {
      text: `Mara (P4) offers a bicycle for 1200 EUR; Tom (P1) hears of it: ${way.join(' > ')}`,
      lines: [`whoever takes it must prove: ${POLICY}`],
      data: { offerId: made.id, way, policy: POLICY },
      offer: made,
    };
  });
  const { order } = await script.step('proof', 'Tom proves the policy for this one order', async (progress) => {
    const proving = new AbortController();
    let proveMs = 0;
    const following = tom.follow('job', proving.signal, (data) => {
      const { event } = data as { event: JobEvent };
      if (event.stage !== null) progress.update(event.stage, event.fraction);
    });
    try {
      const taken = await tom.client.post<OrderView>('/v1/orders', { offerId: offer.id });
      const { items } = await tom.client.get<{ items: { startedAtMs: number; finishedAtMs: number }[] }>('/v1/proofs');
      proveMs = (items[0]?.finishedAtMs ?? 0) - (items[0]?.startedAtMs ?? 0);
      return {
        text: `Tom proves it on his own node (${proveMs} ms), publishes the claim, and takes the order`,
        lines: [
          `order ${taken.id.slice(0, 16)}, claim ${taken.claimId.slice(0, 16)}: good for this order, for Mara, for Tom's fresh key`,
        ],
        data: { orderId: taken.id, claimId: taken.claimId, proveMs },
        order: taken,
      };
    } finally {
      proving.abort();
      await following;
    }
  });
  await script.step('verdicts', 'every peer checks the claim', () => verdicts(network, order.claimId, signal));
  await script.step('qualified', 'Mara sees the order', async () => {
    const seen = await until('qualified at Mara', () => inState(mara, order.id, 'qualified'), signal);
    expect(!TOMS_SECRETS.test(JSON.stringify(seen)), 'Mara’s view of the order says something about Tom');
    await until('qualified at Tom', () => inState(tom, order.id, 'qualified'), signal);
    return {
      text: 'Both see "qualified"; Mara learns nothing of Tom’s name, country, age or balance',
      data: { orderId: order.id },
    };
  });
  await script.step('accepted', 'Mara accepts', async () => {
    await mara.client.post(`/v1/orders/${order.id}/accept`, {});
    const confirmed = async (peer: Peer) => {
      const view = await inState(peer, order.id, 'accepted');
      return view?.confirmed === true ? view : undefined;
    };
    const [hers, his] = await Promise.all(
      [mara, tom].map((peer) => until(`accepted at ${peer.name}`, () => confirmed(peer), signal)),
    );
    const signed = hers?.receipt?.takerSignature !== null && his?.receipt?.makerSignature !== undefined;
    expect(signed, 'the receipt lacks a signature');
    return {
      text: 'Mara accepts; both see "accepted" and hold one receipt that both have signed',
      data: { orderId: order.id },
    };
  });
  return { offer, order };
}

async function inState(peer: Peer, orderId: string, state: string): Promise<OrderView | undefined> {
  const view = await peer.find<OrderView>(`/v1/orders/${orderId}`);
  return view?.state === state ? view : undefined;
}

/** Each peer's own word on the claim, from its verdict log. */
async function verdicts(network: DemoNetwork, claimId: string, signal: AbortSignal) {
  const entries = await Promise.all(
    network.peers.map(async (peer) => {
      const look = async () => {
        const own = (await peer.verdicts()).filter(
          ({ envelopeId, action }) => envelopeId === claimId && action === 'accept',
        );
        // Tom's node also hands it to Mara's directly, with the order, while gossip is on its way.
        return own.find(({ source }) => source !== 'order') ?? own[0];
      };
      return { peer, entry: await until(`a verdict of ${peer.name}`, look, signal) };
    }),
  );
  const published = entries[0]?.entry.atMs ?? 0;
  const source = ({ source, from }: VerdictEntry): string => {
    if (source === 'publish') return 'itself';
    return source === 'order' ? `${network.nameOf(from)} (order)` : network.nameOf(from);
  };
  const rows = entries.map(({ peer, entry }) => ({
    peer: peer.name,
    from: source(entry),
    source: entry.source,
    action: entry.action,
    code: entry.code,
    checkMs: Number(entry.elapsedMs.toFixed(1)),
    afterMs: entry.atMs - published,
  }));
  return {
    text: 'Every peer has checked the claim itself before passing it on',
    lines: [
      ...table([
        ['peer', 'heard from', 'verdict', 'code', 'its check took', 'after P1'],
        ...rows.map((row) => [row.peer, row.from, row.action, row.code, `${row.checkMs} ms`, `${row.afterMs} ms`]),
      ]),
      ...(rows[3]?.from === 'P3' ? [] : ['by then Tom’s node had called Mara’s directly, to hand over the order']),
    ],
    data: { verdicts: rows },
  };
}
