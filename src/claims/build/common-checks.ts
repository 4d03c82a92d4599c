import { dayOf, formatDate } from '../dates.ts';
import { ClaimErrorCode } from '../errors.ts';
import type { Credential, Shortfall } from '../interface.ts';
import type { OpenRegistry, RegisteredIssuer } from '../registry-tree.ts';

/** All that credentials are held against, the same for every one of a request. */
export interface Bench {
  registry: OpenRegistry;
  /** Decimal holder commitment of the request's secret. */
  holder: string;
  now: number;
  verifyCredential(credential: Credential): boolean;
}

/** Why there is no choice. */
export interface Missing {
  shortfalls: Shortfall[];
}

export interface Checked {
  credential: Credential;
  issuer: RegisteredIssuer | undefined;
  /** Empty for a credential that counts. */
  shortfalls: Shortfall[];
}

/** What the circuits demand of every credential, whatever the policy says; the costly signature last. */
export function checkCommon(bench: Bench, credential: Credential): Checked {
  const what = `${credential.schema} credential`;
  const issuer = bench.registry.issuer(credential.issuer.x, credential.issuer.y, credential.schema);
  const shortfalls: Shortfall[] = [];
  if (credential.holder !== bench.holder) {
    shortfalls.push({
      code: ClaimErrorCode.WrongHolder,
      message: `${what} was issued to another holder`,
      hint: 'ask the issuer to issue it to the holder commitment of this wallet',
    });
  }
  if (issuer === undefined) {
    shortfalls.push({
      code: ClaimErrorCode.UnknownIssuer,
      message: `${what}: its issuer is not in the registry for this schema`,
      hint: 'fetch a newer registry snapshot, or use an issuer that this network accepts',
    });
  }
  if (bench.now < credential.issuedAt) {
    shortfalls.push({
      code: ClaimErrorCode.NotYetValid,
      message: `${what} is valid only from ${utc(credential.issuedAt)}`,
      hint: 'check the clock of this machine',
    });
  }
  if (bench.now >= credential.expiresAt) {
    shortfalls.push({
      code: ClaimErrorCode.Expired,
      message: `${what} expired on ${utc(credential.expiresAt)}`,
      hint: 'ask the issuer for a new one',
    });
  }
  if (shortfalls.length === 0 && !bench.verifyCredential(credential)) {
    shortfalls.push({
      code: ClaimErrorCode.BadSignature,
      message: `${what}: the issuer's signature does not verify`,
      hint: 'import the credential again from the file that the issuer sent',
    });
  }
  return { credential, issuer, shortfalls };
}

/** `2026-11-22 18:48 UTC` */
function utc(seconds: number): string {
  const clock = new Date(seconds * 1000).toISOString().slice(11, 16);
  return `${formatDate(dayOf(seconds)) ?? ''} ${clock} UTC`.trim();
}
