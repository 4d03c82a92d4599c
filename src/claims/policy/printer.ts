import { assetDecimals, fromMinorUnits } from '../assets.ts';
import type { BalanceDemand, CredentialDemand, Policy } from '../interface.ts';
import { SANCTIONS_LIST } from './vocabulary.ts';

/** The text form of a policy, in canonical order; `parsePolicy` gives the same policy back. */
export function printPolicy(policy: Policy): string {
  const clauses: string[] = [];
  if (policy.balance !== undefined) clauses.push(printBalance(policy.balance));
  if (policy.credential !== undefined) clauses.push(...printCredential(policy.credential));
  if (policy.unique) clauses.push('unique');
  if (policy.credential?.disclose !== undefined) clauses.push(`disclose ${policy.credential.disclose}`);
  return clauses.join(' and ');
}

function printBalance({ asset, atLeast, freshSeconds }: BalanceDemand): string {
  const amount = fromMinorUnits(BigInt(atLeast), assetDecimals(asset) ?? 0).replace(/\.0+$/, '');
  return `balance(${asset}) >= ${amount} fresh ${printDuration(freshSeconds)}`;
}

/** Largest whole unit; one day stays `24h`, as everyone says. */
export function printDuration(seconds: number): string {
  if (seconds % 86_400 === 0 && seconds > 86_400) return `${seconds / 86_400}d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

function printCredential(demand: CredentialDemand): string[] {
  const clauses = demand.compare.map(({ attr, op, value }) => `${attr} ${op} ${value}`);
  if (demand.in !== undefined) {
    const { attr, set } = demand.in;
    clauses.push(`${attr} in ${typeof set === 'string' ? set : `{${set.join(', ')}}`}`);
  }
  if (demand.notOn !== undefined) {
    clauses.push(demand.notOn.list === SANCTIONS_LIST ? 'unsanctioned' : `unlisted(${demand.notOn.list})`);
  }
  return clauses.length > 0 || demand.disclose !== undefined ? clauses : ['identity'];
}
