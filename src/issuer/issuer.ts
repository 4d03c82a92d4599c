import { randomBytes } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type Clock, nowSeconds } from '../base/clock.ts';
import { bytesToInteger } from '../base/field.ts';
import { accountRefOf, type Claims, type Credential, encodeBalance, type SchemaName } from '../claims/index.ts';
import { GAP_MAX, type SigningCrypto } from '../crypto/index.ts';
import { readAccounts } from './accounts.ts';
import { admitAccount, admitPerson, type Candidate } from './admit.ts';
import { entryMessage, MAX_GAP_ELEMENTS } from './entry.ts';
import { IssuerError, IssuerErrorCode, withIssuerCodes } from './errors.ts';
import { checkTime, keyOf } from './fields.ts';
import type {
  IssueBalanceOptions,
  IssuedRecord,
  IssueIdentityOptions,
  IssueReport,
  Issuer,
  IssuerEntry,
  IssuerIdentity,
  RejectedItem,
} from './interface.ts';
import { LedgerFile } from './ledger.ts';
import { readRecords } from './records.ts';

/** A year: KYC providers review a person about as often. No exact reason. */
const IDENTITY_VALID_SECONDS = 365 * 86_400;
/** Two days: one beyond the default `fresh 24h`, so that an export of midnight serves its whole day and the night after. */
const BALANCE_VALID_SECONDS = 2 * 86_400;
/** Time to look into a complaint. A custodian with 10,000 accounts a day would else fill its ledger in months. */
const BALANCE_KEPT_SECONDS = 30 * 86_400;
/** A signature takes some 10 ms; after this many the event loop gets a turn. */
const SIGN_BATCH = 8;

interface Draft extends Candidate {
  issuedAt: number;
  expiresAt: number;
  attributes: string[];
}

export interface IssuerSecrets {
  /** Baby Jubjub secret key. */
  secret: Buffer;
  /** Of the references to persons and accounts. */
  salt: Buffer;
}

/** An issuer's folder, opened: issues, revokes and publishes; signs only while it has its secrets. */
export class FileIssuer implements Issuer {
  readonly identity: IssuerIdentity;
  readonly #ledger: LedgerFile;
  readonly #clock: Clock;
  readonly #crypto: SigningCrypto;
  readonly #claims: Claims;
  #secrets: IssuerSecrets | undefined;

  constructor(parts: {
    identity: IssuerIdentity;
    dir: string;
    secrets: IssuerSecrets | undefined;
    clock: Clock;
    crypto: SigningCrypto;
    claims: Claims;
  }) {
    this.identity = Object.freeze({ ...parts.identity });
    this.#ledger = new LedgerFile(parts.dir);
    this.#clock = parts.clock;
    this.#crypto = parts.crypto;
    this.#claims = parts.claims;
    this.#secrets = parts.secrets;
  }

  async issueIdentities(input: unknown, options: IssueIdentityOptions = {}): Promise<IssueReport> {
    const { salt } = this.#unlocked('identity');
    const now = nowSeconds(this.#clock);
    const expiresAt = expiryOf(now, options.validSeconds ?? IDENTITY_VALID_SECONDS);
    const { records, rejected, unregistered } = readRecords(input, options, salt, now);
    const candidates = records.map(({ at, holder, personRef, attributes }) => {
      return { at, holder, subject: personRef, issuedAt: now, expiresAt, attributes };
    });
    return await this.#issue(candidates, rejected, unregistered, (ledger) => admitPerson(ledger));
  }

  async issueBalances(csv: Uint8Array, options: IssueBalanceOptions = {}): Promise<IssueReport> {
    const { salt } = this.#unlocked('balance');
    const now = nowSeconds(this.#clock);
    const custodian = keyOf(options.custodian ?? this.identity.name);
    const validSeconds = options.validSeconds ?? BALANCE_VALID_SECONDS;
    expiryOf(now, validSeconds);
    const { lines, rejected, unregistered } = readAccounts(csv, options, now);
    const candidates = lines.flatMap(({ at, holder, account, asset, amount, asOf }) => {
      const expiresAt = expiryOf(asOf, validSeconds);
      if (expiresAt <= now) {
        rejected.push({ at, code: IssuerErrorCode.BadDate, reason: 'the balance is so old that it would be expired' });
        return [];
      }
      const accountRef = accountRefOf(salt, custodian, account);
      const attributes = encodeBalance({ asset, amount, accountRef });
      return [{ at, holder, subject: accountRef.toString(), issuedAt: asOf, expiresAt, attributes }];
    });
    const old = now - BALANCE_KEPT_SECONDS;
    return await this.#issue(candidates, rejected, unregistered, (ledger) => admitAccount(ledger, now), old);
  }

  async revoke(serials: readonly string[]): Promise<string[]> {
    const now = nowSeconds(this.#clock);
    return await withIssuerCodes(() =>
      this.#ledger.update(({ records }) => {
        const bySerial = new Map(records.map((record) => [record.serial, record]));
        const found = serials.map((serial) => bySerial.get(serial));
        const unknown = found.indexOf(undefined);
        if (unknown >= 0) {
          throw new IssuerError(IssuerErrorCode.UnknownSerial, `serial ${unknown + 1} of the list was not issued here`);
        }
        const standing = found.filter((record) => record !== undefined && record.revokedAt === null);
        const fresh = new Set(standing.filter((record) => record !== undefined));
        for (const record of fresh) record.revokedAt = now;
        return [...fresh].map(({ serial }) => serial);
      }),
    );
  }

  async publish(): Promise<IssuerEntry> {
    const { secret } = this.#unlocked(this.identity.schema);
    const now = nowSeconds(this.#clock);
    // Counted up on disk before anything is signed: two entries never share a number.
    const { sequence, revoked } = await withIssuerCodes(() =>
      this.#ledger.update((ledger) => {
        const serials = ledger.records.filter(({ revokedAt, expiresAt }) => revokedAt !== null && expiresAt > now);
        if (serials.length > MAX_GAP_ELEMENTS) {
          throw new IssuerError(IssuerErrorCode.ListTooLarge, `${serials.length} revoked serials do not fit the tree`);
        }
        ledger.published += 1;
        return { sequence: ledger.published, revoked: serials.map(({ serial }) => BigInt(serial)) };
      }),
    );
    const { name, schema, x, y } = this.identity;
    const sorted = revoked.sort((a, b) => (a < b ? -1 : 1)).map(String);
    const entry = { v: 1 as const, name, x, y, schema, revoked: sorted, sequence };
    return { ...entry, signature: this.#sign(secret, entryMessage(entry)) };
  }

  async issued(): Promise<IssuedRecord[]> {
    return (await withIssuerCodes(() => this.#ledger.read())).records;
  }

  close(): void {
    this.#secrets?.secret.fill(0);
    this.#secrets?.salt.fill(0);
    this.#secrets = undefined;
  }

  async #issue(
    candidates: readonly Draft[],
    rejected: RejectedItem[],
    unregistered: number[],
    rule: (records: readonly IssuedRecord[]) => (candidate: Candidate) => RejectedItem | undefined,
    forgetExpiredBefore = 0,
  ): Promise<IssueReport> {
    const admitted = await withIssuerCodes(() =>
      this.#ledger.update((ledger) => {
        ledger.records = ledger.records.filter(({ expiresAt }) => expiresAt >= forgetExpiredBefore);
        const { records } = ledger;
        const refuse = rule(records);
        const taken = new Set(records.map(({ serial }) => serial));
        return candidates.flatMap((candidate) => {
          const refusal = refuse(candidate);
          if (refusal !== undefined) {
            rejected.push(refusal);
            return [];
          }
          const serial = freshSerial(taken);
          const { holder, subject, issuedAt, expiresAt } = candidate;
          records.push({ serial, holder, subject, issuedAt, expiresAt, revokedAt: null });
          return [{ ...candidate, serial }];
        });
      }),
    );
    const issued: IssueReport['issued'] = [];
    for (const { at, serial, holder, issuedAt, expiresAt, attributes } of admitted) {
      const facts = { schema: this.identity.schema, holder, serial, issuedAt, expiresAt, attributes };
      issued.push({ at, credential: this.#signCredential(facts) });
      if (issued.length % SIGN_BATCH === 0) await yieldToOthers();
    }
    rejected.sort((a, b) => a.at - b.at);
    return { issued, rejected, unregistered };
  }

  #signCredential(facts: Omit<Credential, 'issuer' | 'signature'>): Credential {
    const { secret } = this.#unlocked(facts.schema);
    const { x, y } = this.identity;
    return { ...facts, issuer: { x, y }, signature: this.#sign(secret, this.#claims.credentialMessage(facts)) };
  }

  #sign(secret: Uint8Array, message: bigint): Credential['signature'] {
    const { r8x, r8y, s } = this.#crypto.signPoseidon(secret, message);
    return { r8x: r8x.toString(), r8y: r8y.toString(), s: s.toString() };
  }

  #unlocked(schema: SchemaName): IssuerSecrets {
    if (this.identity.schema !== schema) {
      const message = `this issuer signs ${this.identity.schema} credentials, no ${schema} ones`;
      throw new IssuerError(IssuerErrorCode.WrongSchema, message);
    }
    if (this.#secrets === undefined) {
      throw new IssuerError(IssuerErrorCode.Locked, 'the issuer is locked', { hint: 'open it with its passphrase' });
    }
    return this.#secrets;
  }
}

function expiryOf(issuedAt: number, validSeconds: number): number {
  if (!Number.isSafeInteger(validSeconds) || validSeconds < 1) {
    throw new IssuerError(IssuerErrorCode.BadInput, 'validity is a whole number of seconds from 1');
  }
  return checkTime(issuedAt + validSeconds);
}

/** 128 random bits, strictly between the gap tree's sentinels; says nothing about order or number of credentials. */
function freshSerial(taken: Set<string>): string {
  for (;;) {
    const value = bytesToInteger(randomBytes(16));
    const serial = value.toString();
    if (value <= 0n || value >= GAP_MAX || taken.has(serial)) continue;
    taken.add(serial);
    return serial;
  }
}
