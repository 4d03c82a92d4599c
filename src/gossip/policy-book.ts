import { CodedError } from '../base/errors.ts';
import { circuitOf, dayOf, readPolicyJson } from '../claims/index.ts';
import type { CircuitName, Policy } from '../claims/interface.ts';
import { KEPT_POLICIES } from './constants.ts';
import { GossipError } from './errors.ts';

export interface KnownPolicy {
  text: string;
  policy: Policy;
  circuit: CircuitName;
}

/**
 * Policies read before. Reading one takes a fraction of a millisecond and hashing one with a long set some 30 ms, while
 * a name for a new one costs a sender nothing; so reading is rationed, and a policy is hashed only after a valid proof
 * has paid for it.
 */
export class PolicyBook {
  readonly #read = new Map<string, KnownPolicy>();
  readonly #hashed = new Set<string>();

  /**
   * @param ration asked once if the text is new; throws to refuse
   * @throws GossipError GOSSIP_BAD_POLICY
   */
  read(text: string, ration: () => void): KnownPolicy {
    const known = this.#read.get(text);
    if (known) {
      this.#read.delete(text);
      this.#read.set(text, known);
      return known;
    }
    ration();
    const made = readNew(text);
    this.#read.set(text, made);
    forgetOldest(this.#read);
    return made;
  }

  /** Whether the policy's hash under this root and on this day has been computed, so that it is cheap now. */
  isHashed(policy: KnownPolicy, root: bigint, now: number): boolean {
    return policy.policy.credential === undefined || this.#hashed.has(hashKey(policy, root, now));
  }

  setHashed(policy: KnownPolicy, root: bigint, now: number): void {
    const key = hashKey(policy, root, now);
    this.#hashed.delete(key);
    this.#hashed.add(key);
    forgetOldest(this.#hashed);
  }
}

const hashKey = (policy: KnownPolicy, root: bigint, now: number) => `${dayOf(now)} ${root} ${policy.text}`;

function readNew(text: string): KnownPolicy {
  try {
    const policy = readPolicyJson(text);
    return { text, policy, circuit: circuitOf(policy) };
  } catch (error) {
    if (error instanceof CodedError) throw new GossipError('GOSSIP_BAD_POLICY', `${error.code}: ${error.message}`);
    throw error;
  }
}

function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_POLICIES) return;
    kept.delete(oldest);
  }
}
