import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeBody } from '../../envelope/index.ts';
import type { ProvenClaim } from '../../node/interface.ts';
import type { Progress } from '../progress.ts';
import { Arena, type Refusal } from './arena.ts';
import type { Authorities } from './authorities.ts';
import { POLICY } from './cast.ts';
import type { Holder } from './holder.ts';
import type { DemoNetwork } from './network.ts';
import type { Script, StepOutcome } from './script.ts';
import type { Deal } from './trade.ts';
import { expect } from './wait.ts';

export interface AttackComponents {
  script: Script;
  network: DemoNetwork;
  authorities: Authorities;
  deal: Deal;
  fionn: Holder;
  tom: Holder;
  /** Serial of Fionn's identity credential. */
  fionnSerial: string;
  /** Serial of the account that Tom has used. */
  tomSerial: string;
  signal: AbortSignal;
}

export interface AttackRow extends Refusal {
  name: string;
}

/** Sign bit of a compressed point: with it turned, A is another point of the curve, and nothing but the pairing can tell. */
const SIGN_BIT = 0x40;
/** Shorter than a proof takes. */
const SHORT_LIFE_SECONDS = 2;

const newId = (): string => randomBytes(32).toString('hex');

/** The five attacks, one after the other, each by a stranger connected to P1 alone. */
export class Attacks {
  readonly #parts: AttackComponents;
  readonly #arena: Arena;
  readonly rows: AttackRow[] = [];
  /** Proven from the beginning on, in the background. */
  readonly #genuine: Promise<{ claim: ProvenClaim; ms: number }>;
  /** Of the step that waits for it. */
  #waiting: Progress | undefined;

  constructor(components: AttackComponents) {
    this.#parts = components;
    const began = performance.now();
    const progress: Progress = {
      update: (stage, fraction) => this.#waiting?.update(stage, fraction),
      done: () => undefined,
    };
    this.#genuine = this.#prove(components.fionn, progress).then((claim) => ({
      claim,
      ms: Math.round(performance.now() - began),
    }));
    this.#genuine.catch(() => undefined);
    this.#arena = new Arena(components.network, [components.deal.order.claimId], components.signal);
  }

  async run(): Promise<void> {
    const { script } = this.#parts;
    const { claim } = await script.step('attacker', 'Fionn proves the policy too', async (progress) => {
      this.#waiting = progress;
      const made = await this.#genuine;
      return {
        text: 'Fionn qualifies as well and has made a genuine proof; he keeps it, to play with',
        data: { envelopeId: made.claim.envelopeId },
        ...made,
      };
    });
    await this.#tampered(claim);
    await this.#otherOrder(claim);
    await this.#expired();
    await this.#revoked(claim);
    await this.#secondUse();
    await script.step('control', 'an ordinary message', async () => {
      const { ms } = await this.#arena.control();
      return {
        text: 'For comparison: an ordinary message of such a stranger passes P1 and reaches all the others',
        lines: ['and the logs of P2, P3 and P4, read once more, hold nothing of the five'],
        data: { travelMs: ms },
      };
    });
  }

  async #tampered(claim: ProvenClaim): Promise<void> {
    await this.#attack('tampered', 'A tampered proof (one bit turned, signed anew)', 'GOSSIP_INVALID_PROOF', () =>
      this.#parts.fionn.forge(claim, ({ proof }) => ({
        proof: proof.map((byte, at) => (at === 0 ? byte ^ SIGN_BIT : byte)),
      })),
    );
  }

  async #otherOrder(claim: ProvenClaim): Promise<void> {
    const { offerId, counterparty } = claim.binding;
    const body = encodeBody('claim', { offerId, orderId: newId(), counterparty });
    await this.#attack('other-order', 'A genuine proof, but of another order', 'GOSSIP_UNEXPECTED_SIGNAL', () =>
      this.#parts.fionn.forge(claim, () => ({ body })),
    );
  }

  async #expired(): Promise<void> {
    await this.#attack('expired', 'A genuine proof that has expired', 'GOSSIP_EXPIRED', async (progress) => {
      const expiresAt = Math.floor(Date.now() / 1000) + SHORT_LIFE_SECONDS;
      const late = await this.#prove(this.#parts.fionn, progress, expiresAt);
      const left = (expiresAt + 1) * 1000 - Date.now();
      if (left > 0) await sleep(left, undefined, { signal: this.#parts.signal });
      return { id: late.envelopeId, data: late.envelope };
    });
  }

  async #revoked(claim: ProvenClaim): Promise<void> {
    const { script, authorities, network, fionn, fionnSerial, signal } = this.#parts;
    await script.step('revocation', 'a credential is revoked', async () => {
      await authorities.revokeIdentity(fionnSerial);
      const { snapshot, file } = await authorities.publish();
      await network.publishRegistry(file, snapshot.sequence);
      // Grace is counted in whole seconds on each peer's clock.
      const graceOver = Date.now() + 2000;
      fionn.snapshot = snapshot;
      const [first] = await fionn.shortfalls(POLICY);
      expect(first?.code === 'CLAIM_REVOKED', `Fionn could still prove: ${first?.code ?? 'nothing is lacking'}`);
      await sleep(Math.max(0, graceOver - Date.now()), undefined, { signal });
      return {
        text: `The identity office revokes Fionn’s credential; registry ${snapshot.sequence} reaches all peers`,
        lines: [`against its root he cannot even make a proof (${first?.code}); the old root’s time of grace is over`],
        data: { sequence: snapshot.sequence, provingAgain: first?.code },
      };
    });
    await this.#attack('revoked', 'A genuine proof of the revoked credential', 'GOSSIP_STALE_ROOT', async () => ({
      id: claim.envelopeId,
      data: claim.envelope,
    }));
  }

  async #secondUse(): Promise<void> {
    const { tom, fionn, tomSerial } = this.#parts;
    tom.snapshot = fionn.snapshot;
    // His other account alone is left, so that the nullifier is all that both proofs have in common.
    await tom.remove(tomSerial);
    const label = 'Tom once more: new order, new key, other account';
    await this.#attack('second-use', label, 'GOSSIP_NULLIFIER_SPENT', async (progress) => {
      const again = await this.#prove(tom, progress);
      return { id: again.envelopeId, data: again.envelope };
    });
  }

  /** One order of one's own on Mara's offer. */
  async #prove(holder: Holder, progress: Progress, expiresAt?: number): Promise<ProvenClaim> {
    const { deal, signal } = this.#parts;
    const request = {
      policy: POLICY,
      offerId: deal.offer.id,
      orderId: newId(),
      counterparty: deal.offer.maker,
      expiresAt,
    };
    return await holder.prove(request, {
      signal,
      onProgress: (stage, fraction) => progress.update(stage, fraction),
    });
  }

  async #attack(
    name: string,
    label: string,
    code: string,
    make: (progress: Progress) => Promise<{ id: string; data: Uint8Array }>,
  ): Promise<void> {
    await this.#parts.script.step(`attack-${name}`, label, async (progress): Promise<StepOutcome> => {
      const envelope = await make(progress);
      const refusal = await this.#arena.attack(envelope, code);
      this.rows.push({ name: label, ...refusal });
      return {
        text: `${label}: refused by P1, ${code}`,
        data: { refusedBy: 'P1', ...refusal, envelopeId: envelope.id },
      };
    });
  }
}
