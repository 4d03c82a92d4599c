import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { MAX_ENVELOPE_BYTES } from '../envelope/constants.ts';
import { FLOOD_BURST, FLOOD_DEAF_MS, FLOOD_PER_SECOND, MAX_TRACKED_PEERS } from './constants.ts';
import { OverlayErrorCode } from './errors.ts';
import type { InboundMessage, MessageValidator, MessageVerdict, OverlayCounters, OverlayLog } from './interface.ts';
import { TokenBuckets } from './token-bucket.ts';

const BUSY: MessageVerdict = { action: 'ignore', code: OverlayErrorCode.Busy };
const STOPPED: MessageVerdict = { action: 'ignore', code: OverlayErrorCode.NotRunning };
const TOO_LARGE: MessageVerdict = { action: 'reject', code: OverlayErrorCode.MessageTooLarge };
const FAILED: MessageVerdict = { action: 'ignore', code: OverlayErrorCode.ValidatorFailed };

export interface IntakeInit {
  /** Our own peer id: no flood brake, no quarter share. */
  self: string;
  maxPending: number;
}

export interface IntakeComponents {
  validator: MessageValidator;
  clock: Clock;
  counters: OverlayCounters;
  log: OverlayLog;
}

/**
 * The one door to the validator, for gossip, own publishes and sync. Bounds what is in validation at once (gossipsub
 * itself runs as many validators as it has messages), one peer at most a quarter, and remembers who floods us.
 */
export class Intake {
  readonly #init: IntakeInit;
  readonly #components: IntakeComponents;
  readonly #pendingByPeer = new Map<string, number>();
  readonly #unwanted: TokenBuckets;
  /** Until when (milliseconds) we do not listen to whom. */
  readonly #deaf = new Map<string, number>();
  #open = true;

  constructor(init: IntakeInit, components: IntakeComponents) {
    this.#init = init;
    this.#components = components;
    this.#unwanted = new TokenBuckets(components.clock, {
      burst: FLOOD_BURST,
      perSecond: FLOOD_PER_SECOND,
      maxKeys: MAX_TRACKED_PEERS,
    });
  }

  /**
   * The validator's verdict, or ours where it is not even asked. Never rejects.
   * @param asked we asked for this message, so it cannot be part of a flood
   */
  async validate(message: InboundMessage, asked = false): Promise<MessageVerdict> {
    const { counters } = this.#components;
    counters.received += 1;
    const verdict = await this.#judge(message);
    if (verdict.action === 'accept') counters.accepted += 1;
    else if (verdict.action === 'reject') counters.rejected += 1;
    else counters.ignored += 1;
    if (verdict.action === 'ignore' && !asked && message.from !== this.#init.self) this.#countUnwanted(message.from);
    return verdict;
  }

  /** Whether this peer sent more that we do not want than we are ready to read, and has not been quiet since. */
  floods(peerId: string): boolean {
    const until = this.#deaf.get(peerId);
    if (until === undefined) return false;
    if (until > this.#components.clock.nowMs()) return true;
    this.#deaf.delete(peerId);
    return false;
  }

  /** From now on nothing is accepted; what is in validation ends by itself. */
  close(): void {
    this.#open = false;
  }

  #countUnwanted(peerId: string): void {
    if (this.#unwanted.take(peerId)) return;
    if (!this.#deaf.has(peerId))
      this.#components.log('warn', 'a peer floods us and is not heard for a while', { peer: peerId });
    this.#deaf.set(peerId, this.#components.clock.nowMs() + FLOOD_DEAF_MS);
    const oldest = this.#deaf.keys().next().value;
    if (this.#deaf.size > MAX_TRACKED_PEERS && oldest !== undefined) this.#deaf.delete(oldest);
  }

  async #judge(message: InboundMessage): Promise<MessageVerdict> {
    const { counters, validator, log } = this.#components;
    if (!this.#open) return STOPPED;
    if (message.data.length > MAX_ENVELOPE_BYTES) return TOO_LARGE;
    if (!this.#enter(message.from)) {
      counters.droppedBusy += 1;
      return BUSY;
    }
    try {
      const verdict = await validator.validate(message);
      // A verdict that comes after stop must relay nothing.
      return this.#open ? verdict : STOPPED;
    } catch (error) {
      // A bug of ours must not punish the peer that met it.
      log('error', 'the validator failed', { topic: message.topic, error: messageOf(error) });
      return FAILED;
    } finally {
      this.#leave(message.from);
    }
  }

  #enter(peerId: string): boolean {
    const { counters } = this.#components;
    const own = this.#pendingByPeer.get(peerId) ?? 0;
    const share =
      peerId === this.#init.self ? this.#init.maxPending : Math.max(1, Math.floor(this.#init.maxPending / 4));
    if (counters.pendingValidations >= this.#init.maxPending || own >= share) return false;
    this.#pendingByPeer.set(peerId, own + 1);
    counters.pendingValidations += 1;
    return true;
  }

  #leave(peerId: string): void {
    this.#components.counters.pendingValidations -= 1;
    const own = (this.#pendingByPeer.get(peerId) ?? 1) - 1;
    if (own > 0) this.#pendingByPeer.set(peerId, own);
    else this.#pendingByPeer.delete(peerId);
  }
}
