import type { ConnectionGater, PeerId } from '@libp2p/interface';
import type { Clock } from '../base/clock.ts';
import { MAX_BANS } from './constants.ts';
import type { BanInfo } from './interface.ts';

/** Who may connect: the allowlist, if there is one, minus the banned. Asked before a dial and after each handshake. */
export class Gater {
  readonly #clock: Clock;
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #bans = new Map<string, BanInfo>();

  constructor(clock: Clock, allowlist: readonly string[] | undefined) {
    this.#clock = clock;
    this.#allowed = allowlist === undefined || allowlist.length === 0 ? undefined : new Set(allowlist);
  }

  refuses(peerId: string): boolean {
    if (this.#allowed !== undefined && !this.#allowed.has(peerId)) return true;
    const ban = this.#bans.get(peerId);
    if (ban === undefined) return false;
    if (ban.until > this.#clock.nowMs()) return true;
    this.#bans.delete(peerId);
    return false;
  }

  ban(peerId: string, reason: string, ms: number): void {
    this.#bans.delete(peerId);
    this.#bans.set(peerId, { peerId, reason, until: this.#clock.nowMs() + ms });
    const oldest = this.#bans.keys().next().value;
    if (this.#bans.size > MAX_BANS && oldest !== undefined) this.#bans.delete(oldest);
  }

  unban(peerId: string): void {
    this.#bans.delete(peerId);
  }

  bans(): BanInfo[] {
    return [...this.#bans.values()].filter((ban) => ban.until > this.#clock.nowMs()).map((ban) => ({ ...ban }));
  }

  toConnectionGater(): ConnectionGater {
    const deny = (peer: PeerId) => this.refuses(peer.toString());
    return {
      denyDialPeer: deny,
      denyInboundEncryptedConnection: deny,
      denyOutboundEncryptedConnection: deny,
    };
  }
}
