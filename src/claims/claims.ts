import type { z } from 'zod';
import { sha256, toHex } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';

import { getCrypto, TAGS } from '../crypto/index.ts';
import { type Built, createClaimBuilder } from './build/index.ts';
import { credentialMessage, holderOf, verifyCredential } from './credential.ts';
import { ClaimError, ClaimErrorCode } from './errors.ts';
import { boundTo, expectedOf } from './expected.ts';
import type { BallotBinding, Claim, ClaimRequest, Claims, Credential, Shortfall } from './interface.ts';
import { bindingSchema, credentialSchema, unixSeconds } from './json-schemas.ts';
import { LruCache } from './lru.ts';
import { policyFromJson } from './policy/index.ts';
import { createPolicyHasher } from './policy-hash.ts';
import { createRegistryOpener, viewOf } from './registry-tree.ts';

// More than a wallet holds (`WALLET_FULL`), at 100 bytes each.
const VERIFIED_CREDENTIALS = 1024;

let shared: Promise<Claims> | undefined;

/** The claims of this process, with their caches; built at the first call, because Poseidon takes a moment to load. */
export function getClaims(): Promise<Claims> {
  shared ??= createClaims();
  return shared;
}

/** Claims with caches of their own. */
export async function createClaims(): Promise<Claims> {
  const crypto = await getCrypto();
  const registries = createRegistryOpener(crypto);
  const hasher = createPolicyHasher(crypto);
  const verify = rememberVerified((credential) => verifyCredential(crypto, credential));
  const build = createClaimBuilder(crypto, registries, hasher, verify);

  const checkRequest = ({ now, credentials }: Pick<ClaimRequest, 'now' | 'credentials'>) => {
    checkTime(now);
    credentials.forEach((credential, i) => {
      check(credentialSchema, credential, ClaimErrorCode.BadCredential, `credentials[${i}]`);
    });
  };
  const attempt = ({ binding, ...request }: ClaimRequest) => {
    check(bindingSchema, binding, ClaimErrorCode.BadBinding, 'binding');
    checkRequest(request);
    const policy = policyFromJson(request.policy);
    const bound = boundTo(policy, binding, request.now);
    return build({ ...request, bound, expiresAt: binding.expiresAt }, policy);
  };

  return {
    holderOf: (secret) => holderOf(crypto, secret),
    credentialMessage: (credential) => credentialMessage(crypto, credential),
    verifyCredential: verify,
    registryRoot: (content) => registries.open(content).root,
    registryView: (snapshot) => viewOf(registries.openChecked(snapshot), snapshot.sequence),
    policyHash(policy, registry, now) {
      checkTime(now);
      return hasher.policyHash(policyFromJson(policy), registry, now);
    },
    shortfalls(request) {
      const built = attempt(request);
      return 'shortfalls' in built ? built.shortfalls : [];
    },
    buildClaim(request) {
      return claimOf(attempt(request));
    },
    buildBallot({ ballot, ...request }) {
      checkRequest(request);
      checkTime(ballot.policyTime);
      checkBound(ballot);
      return claimOf(build({ ...request, bound: ballot }, policyFromJson(request.policy)));
    },
    nullifierOf: (secret, scope) => crypto.poseidon([TAGS.nullifier, secret, scope]),
    expectedSignals(policy, at) {
      checkTime(at.now);
      check(bindingSchema, at.binding, ClaimErrorCode.BadBinding, 'binding');
      // Brought into canonical order first: a policy in another order is the same policy, with the same hash.
      const asked = policyFromJson(policy);
      return expectedOf(hasher, asked, boundTo(asked, at.binding, at.now), at);
    },
  };
}

/** Answers again without the tens of milliseconds of a signature check. Keeps hashes, never a credential. */
function rememberVerified(verify: (credential: Credential) => boolean): (credential: Credential) => boolean {
  const answers = new LruCache<string, boolean>(VERIFIED_CREDENTIALS);
  return (credential) =>
    credentialSchema.safeParse(credential).success &&
    answers.getOrMake(toHex(sha256(canonicalJson(credential as unknown as Json))), () => verify(credential));
}

/** @throws ClaimError with the first shortfall's code */
function claimOf(built: Built): Claim {
  if ('claim' in built) return built.claim;
  throw unmet(built.shortfalls);
}

function checkBound({ scope, context }: BallotBinding): void {
  const fits = [scope, context].every((value) => value >= 0n && value < 1n << 248n);
  if (!fits) throw new ClaimError(ClaimErrorCode.BadBinding, 'scope and context have 248 bits', { where: 'ballot' });
}

function unmet(missing: readonly Shortfall[]): ClaimError {
  const [first, ...others] = missing;
  const message = [first, ...others].map((shortfall) => shortfall?.message).join('; ');
  return new ClaimError(first?.code ?? ClaimErrorCode.NoCredential, message, { hint: first?.hint, missing });
}

function checkTime(now: number): void {
  if (unixSeconds.safeParse(now).success) return;
  throw new ClaimError(ClaimErrorCode.BadTime, 'a time is not a whole number of Unix seconds below 2^40');
}

/** Says which field is wrong and why, never what it held. */
function check(schema: z.ZodType, value: unknown, code: string, what: string): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  const issue = parsed.error.issues[0];
  const where = [what, ...(issue?.path ?? []).map(String)].join('.');
  throw new ClaimError(code, `${where}: ${issue?.message ?? 'wrong shape'}`, { where });
}
