import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { ScryptCost } from '../base/sealed-file.ts';
import { encodeEnvelope, envelopeId, signingBytes, type UnsignedEnvelope } from '../envelope/index.ts';
import { openWallet, type Wallet } from '../wallet/index.ts';
import { NodeError } from './errors.ts';
import { NodeErrorCode, type WalletApi, type WalletState } from './interface.ts';

/** What `wallet/` keeps in its folder. */
const WALLET_FILE = 'wallet.json';

export interface WalletDoorInit {
  dir: string;
  network: string;
  clock: Clock;
  scrypt?: ScryptCost | undefined;
}

/** The node's way to its wallet, which may be absent or locked: such a peer still verifies and relays. */
export class WalletDoor implements WalletApi {
  readonly #init: WalletDoorInit;
  #wallet: Wallet | undefined;

  constructor(init: WalletDoorInit) {
    this.#init = init;
  }

  state(): WalletState {
    if (this.#wallet !== undefined) return 'open';
    return existsSync(join(this.#init.dir, WALLET_FILE)) ? 'locked' : 'absent';
  }

  holder(): string | null {
    return this.#wallet?.holder ?? null;
  }

  async unlock(passphrase: string): Promise<void> {
    const { dir, clock, scrypt } = this.#init;
    if (this.#wallet !== undefined) return;
    if (this.state() === 'absent') throw absent();
    const wallet = await openWallet({ dir, passphrase, clock, scrypt });
    if (this.#wallet === undefined) this.#wallet = wallet;
    else wallet.close();
  }

  /** @throws NodeError NODE_WALLET_ABSENT, NODE_WALLET_LOCKED */
  open(): Wallet {
    if (this.#wallet !== undefined) return this.#wallet;
    if (this.state() === 'absent') throw absent();
    throw new NodeError(NodeErrorCode.WalletLocked, 'the wallet is locked', {
      hint: 'start the node with ZKBAZAAR_PASSPHRASE or wallet.passphraseFile, or unlock it',
    });
  }

  async credentials() {
    return await this.open().list();
  }

  async importCredentials(file: Uint8Array | string) {
    return await this.open().importCredentials(file);
  }

  async removeCredential(serial: string): Promise<void> {
    await this.open().removeCredential(serial);
  }

  /** Signs text bytes with a pseudonym; hex. */
  async sign(pseudonym: string, bytes: Uint8Array): Promise<string> {
    return toHex(await this.open().sign(pseudonym, bytes));
  }

  /** Signs an envelope with its own pseudonym. */
  async signEnvelope(unsigned: UnsignedEnvelope): Promise<{ id: string; data: Uint8Array }> {
    const { network } = this.#init;
    const signature = await this.open().sign(toHex(unsigned.pseudonym), signingBytes(unsigned, network));
    return { id: envelopeId(unsigned, network), data: encodeEnvelope({ ...unsigned, signature }) };
  }

  close(): void {
    this.#wallet?.close();
    this.#wallet = undefined;
  }
}

/** Bytes of a pseudonym's hex; pseudonyms come from the wallet or from a checked request. */
export function keyBytes(pseudonym: string): Uint8Array {
  return fromHex(pseudonym, 32) ?? new Uint8Array();
}

function absent(): NodeError {
  return new NodeError(NodeErrorCode.WalletAbsent, 'this data folder has no wallet', {
    hint: 'make one: zkbazaar wallet init',
  });
}
