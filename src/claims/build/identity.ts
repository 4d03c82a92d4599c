import { ClaimErrorCode } from '../errors.ts';
import type { Credential, CredentialDemand, Shortfall } from '../interface.ts';
import type { CompiledDemand } from '../policy/compile.ts';
import { compare } from '../policy/satisfiable.ts';
import type { RegisteredIssuer } from '../registry-tree.ts';
import { type Bench, checkCommon, type Missing } from './common-checks.ts';

export interface IdentityChoice {
  credential: Credential;
  issuer: RegisteredIssuer;
}

/**
 * The identity credential that meets the demand; of several the one that lives longest.
 * @returns what the best candidate lacks where none does; messages repeat the policy, never the credential's values
 */
export function chooseIdentity(
  bench: Bench,
  demand: CredentialDemand,
  compiled: CompiledDemand,
  credentials: readonly Credential[],
): IdentityChoice | Missing {
  const candidates = credentials.filter(({ schema }) => schema === demand.schema);
  if (candidates.length === 0) {
    return {
      shortfalls: [
        {
          code: ClaimErrorCode.NoCredential,
          message: `no ${demand.schema} credential`,
          hint: 'import one from an issuer of this network: `zkbazaar wallet import`',
        },
      ],
    };
  }
  let nearest: Shortfall[] | undefined;
  for (const candidate of [...candidates].sort((a, b) => b.expiresAt - a.expiresAt)) {
    const { issuer, shortfalls } = checkCommon(bench, candidate);
    if (issuer?.revocation.has(BigInt(candidate.serial)) === true) {
      shortfalls.push({
        code: ClaimErrorCode.Revoked,
        message: `${candidate.schema} credential was revoked by its issuer`,
        hint: 'ask the issuer for a new one',
      });
    }
    shortfalls.push(...checkDemand(bench, demand, compiled, candidate));
    if (shortfalls.length === 0 && issuer !== undefined) return { credential: candidate, issuer };
    if (nearest === undefined || shortfalls.length < nearest.length) nearest = shortfalls;
  }
  return { shortfalls: nearest ?? [] };
}

function checkDemand(
  bench: Bench,
  demand: CredentialDemand,
  compiled: CompiledDemand,
  { attributes }: Credential,
): Shortfall[] {
  const valueAt = (slot: number): bigint => BigInt(attributes[slot] ?? '0');
  const shortfalls: Shortfall[] = [];
  for (const { slot, op, operand, source } of compiled.compare) {
    if (op === null || compare(valueAt(slot), op, operand)) continue;
    const message =
      source === null
        ? 'the credential states no birth date'
        : `${source.attr} ${source.op} ${source.value} is not met`;
    shortfalls.push({ code: ClaimErrorCode.ComparisonFailed, message });
  }
  if (demand.in !== undefined && compiled.members?.includes(valueAt(compiled.setCode - 1)) === false) {
    const { attr, set } = demand.in;
    const name = typeof set === 'string' ? set : `{${set.join(', ')}}`;
    shortfalls.push({ code: ClaimErrorCode.NotInSet, message: `${attr} is not in ${name}` });
  }
  if (compiled.list !== undefined) {
    const list = bench.registry.list(compiled.list);
    if (list?.prove(valueAt(compiled.gapCode - 1)) === undefined) {
      shortfalls.push({
        code: ClaimErrorCode.OnList,
        message: `the name is on the list ${compiled.list}`,
        hint: 'a namesake can be on a list: the issuer can tell',
      });
    }
  }
  return shortfalls;
}
