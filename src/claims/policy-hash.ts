import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { buildTree, type Crypto, TAGS, type Tree } from '../crypto/index.ts';
import { dayOf } from './dates.ts';
import { ClaimError, ClaimErrorCode } from './errors.ts';
import { type Policy, type RegistryView, SET_DEPTH } from './interface.ts';
import { LruCache } from './lru.ts';
import { type CompiledDemand, compileDemand } from './policy/compile.ts';
import { OPERATOR_CODES } from './policy/index.ts';
import { asciiToInteger } from './schemas.ts';

// One entry per policy, list root and day; a busy peer sees as many as it has live offers.
const POLICY_HASHES = 1024;
const SET_TREES = 128;

export interface PolicyHasher {
  /** The tree of an allowed set, over its encoded members in the order given. */
  setTree(members: readonly bigint[]): Tree;
  /** @throws ClaimError CLAIM_UNKNOWN_LIST when the registry has no list of the policy's name */
  policyHash(policy: Policy, registry: RegistryView, now: number): bigint;
}

export function createPolicyHasher(crypto: Crypto): PolicyHasher {
  const hashes = new LruCache<string, bigint>(POLICY_HASHES);
  const trees = new LruCache<string, Tree>(SET_TREES);

  const setTree = (members: readonly bigint[]): Tree =>
    trees.getOrMake(members.join(','), () =>
      buildTree(
        crypto,
        members.map((member) => crypto.poseidon([TAGS.member, member])),
        SET_DEPTH,
      ),
    );

  const demandHash = (demand: CompiledDemand, listRoot: bigint): bigint =>
    crypto.poseidon([
      TAGS.policy,
      demand.schema,
      ...demand.compare.flatMap(({ slot, op, operand }) => [
        BigInt(slot + 8 * (op === null ? 0 : OPERATOR_CODES[op])),
        operand,
      ]),
      BigInt(demand.setCode),
      demand.members === undefined ? 0n : setTree(demand.members).root,
      BigInt(demand.gapCode),
      listRoot,
      BigInt(demand.discloseCode),
    ]);

  return {
    setTree,
    policyHash(policy, registry, now) {
      const { balance, credential } = policy;
      if (credential === undefined) {
        throw new ClaimError(ClaimErrorCode.NoPolicyHash, 'a policy on a balance alone has no policy hash');
      }
      const listRoot = listRootOf(policy, registry);
      const key = `${dayOf(now)} ${listRoot} ${canonicalJson(policy as unknown as Json)}`;
      return hashes.getOrMake(key, () => {
        const identity = demandHash(compileDemand(credential, now), listRoot);
        if (balance === undefined) return identity;
        return crypto.poseidon([
          TAGS.qualification,
          identity,
          asciiToInteger(balance.asset),
          BigInt(balance.atLeast),
          BigInt(balance.freshSeconds),
        ]);
      });
    },
  };
}

function listRootOf(policy: Policy, registry: RegistryView): bigint {
  const list = policy.credential?.notOn?.list;
  if (list === undefined) return 0n;
  const root = Object.hasOwn(registry.listRoots, list) ? registry.listRoots[list] : undefined;
  if (root !== undefined) return root;
  throw new ClaimError(ClaimErrorCode.UnknownList, `the registry holds no list ${list}`, {
    hint: 'the registry must publish the list before policies can name it',
  });
}
