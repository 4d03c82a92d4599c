import { IssuerErrorCode } from './errors.ts';
import type { IssuedRecord, RejectedItem } from './interface.ts';

/** A credential about to be issued: whose (`holder`) and about whom or what (`subject`). */
export interface Candidate {
  at: number;
  holder: string;
  subject: string;
}

/**
 * One person, one holder. A person's credential may be renewed for the same holder, and goes to another one only when
 * every earlier one is revoked: expiry is not enough, since a nullifier's scope may outlive it. A holder stands for
 * one person for good; two people behind one holder could borrow each other's attributes.
 */
export function admitPerson(records: readonly IssuedRecord[]): (candidate: Candidate) => RejectedItem | undefined {
  const holders = new Map<string, Set<string>>();
  const persons = new Map<string, string>();
  const note = (subject: string, holder: string, standing: boolean): void => {
    if (standing) holders.set(subject, (holders.get(subject) ?? new Set<string>()).add(holder));
    persons.set(holder, subject);
  };
  for (const { subject, holder, revokedAt } of records) note(subject, holder, revokedAt === null);

  return ({ at, subject, holder }) => {
    if ([...(holders.get(subject) ?? [])].some((other) => other !== holder)) {
      return {
        at,
        code: IssuerErrorCode.PersonAlreadyIssued,
        reason: 'the person has a credential with another holder; revoke that one first',
      };
    }
    const person = persons.get(holder);
    if (person !== undefined && person !== subject) {
      return { at, code: IssuerErrorCode.HolderAlreadyIssued, reason: 'the holder belongs to another person' };
    }
    note(subject, holder, true);
    return undefined;
  };
}

/**
 * One account, one holder at a time: a pledge is bound to the holder's secret, so an account attested to two holders
 * would back two orders at once. Once all earlier credentials have expired, it may change hands. Revoked ones count until
 * then: the balance circuits ask for a recent statement in place of a revocation proof, so a revoked one still proves.
 */
export function admitAccount(
  records: readonly IssuedRecord[],
  now: number,
): (candidate: Candidate) => RejectedItem | undefined {
  const holders = new Map<string, Set<string>>();
  const note = (subject: string, holder: string): void => {
    holders.set(subject, (holders.get(subject) ?? new Set<string>()).add(holder));
  };
  for (const { subject, holder, expiresAt } of records) if (expiresAt > now) note(subject, holder);
  return ({ at, subject, holder }) => {
    if ([...(holders.get(subject) ?? [])].some((other) => other !== holder)) {
      return {
        at,
        code: IssuerErrorCode.AccountAlreadyIssued,
        reason: 'another holder has a live credential for this account',
      };
    }
    note(subject, holder);
    return undefined;
  };
}
