import type { Crypto } from '../../crypto/index.ts';
import { holderOf } from '../credential.ts';
import { ClaimErrorCode } from '../errors.ts';
import { type Bound, expectedOf } from '../expected.ts';
import {
  type CircuitInputs,
  type Claim,
  type ClaimRequest,
  type Credential,
  MAX_BALANCE_ACCOUNTS,
  type Policy,
  PUBLIC_SIGNALS,
  type Shortfall,
} from '../interface.ts';
import { compileDemand } from '../policy/compile.ts';
import type { PolicyHasher } from '../policy-hash.ts';
import { type OpenRegistry, type RegistryOpener, viewOf } from '../registry-tree.ts';
import { chooseAccounts } from './balance.ts';
import type { Bench, Missing } from './common-checks.ts';
import { chooseIdentity } from './identity.ts';
import { accountInputs, createIdle, identityInputs, qualifyingInputs } from './inputs.ts';

/** Claims that a request leads to, or all that stands against it. */
export type Built = { claim: Claim } | Missing;

export interface BoundRequest extends Omit<ClaimRequest, 'binding'> {
  bound: Bound;
  /** Unix seconds, where the binding ends. */
  expiresAt?: number;
}

export type ClaimBuilder = (request: BoundRequest, policy: Policy) => Built;

export function createClaimBuilder(
  crypto: Crypto,
  registries: RegistryOpener,
  hasher: PolicyHasher,
  verifyCredential: (credential: Credential) => boolean,
): ClaimBuilder {
  const idle = createIdle(crypto);

  /** The private inputs that a policy needs. */
  const choose = (
    request: BoundRequest,
    policy: Policy,
    registry: OpenRegistry,
  ): { inputs: CircuitInputs } | Missing => {
    const { credentials, now, secret, bound } = request;
    const bench: Bench = {
      registry,
      holder: holderOf(crypto, secret).toString(),
      now,
      verifyCredential,
    };
    const { balance, credential: demand } = policy;
    const shortfalls: Shortfall[] = [];
    let inputs: CircuitInputs = { secret: secret.toString() };
    if (demand !== undefined) {
      const compiled = compileDemand(demand, bound.policyTime);
      const choice = chooseIdentity(bench, demand, compiled, credentials);
      if ('shortfalls' in choice) shortfalls.push(...choice.shortfalls);
      else inputs = { ...inputs, ...identityInputs(hasher, idle, registry, compiled, choice) };
    }
    if (balance !== undefined) {
      const slots = demand === undefined ? MAX_BALANCE_ACCOUNTS : 1;
      const chosen = chooseAccounts(bench, balance, slots, credentials);
      if ('shortfalls' in chosen) shortfalls.push(...chosen.shortfalls);
      else if (demand === undefined) inputs = { ...inputs, ...accountInputs(chosen.accounts) };
      else inputs = { ...inputs, ...qualifyingInputs(balance, chosen.accounts[0]) };
    }
    return shortfalls.length > 0 ? { shortfalls } : { inputs };
  };

  return (request, policy) => {
    const { registry: snapshot, bound, expiresAt, now } = request;
    const registry = registries.openChecked(snapshot);
    const list = policy.credential?.notOn?.list;
    const early: Shortfall[] = [];
    if (expiresAt !== undefined && expiresAt <= now) {
      early.push({ code: ClaimErrorCode.BindingExpired, message: 'what the proof is bound to has expired already' });
    }
    if (list !== undefined && registry.list(list) === undefined) {
      early.push({
        code: ClaimErrorCode.UnknownList,
        message: `the registry holds no list ${list}`,
        hint: 'fetch a newer registry snapshot',
      });
    }
    if (early.length > 0) return { shortfalls: early };
    const chosen = choose(request, policy, registry);
    if ('shortfalls' in chosen) return chosen;
    const { inputs } = chosen;

    const view = viewOf(registry, snapshot.sequence);
    const { circuit, expected } = expectedOf(hasher, policy, bound, { registry: view, now });
    PUBLIC_SIGNALS[circuit].forEach((name, i) => {
      const value = expected[i];
      // `disclosed` is known to be 0 where nothing is asked, but it is an output, not an input.
      if (value !== null && value !== undefined && name !== 'disclosed') inputs[name] = value;
    });
    return { claim: { circuit, inputs, expected } };
  };
}
