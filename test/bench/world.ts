/** What the measurements are about: issuers, a registry, one holder's credentials, and claims that can be proved of them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CircuitRegistry } from '../../src/artifacts/index.ts';
import { toHex } from '../../src/base/bytes.ts';
import {
  type CircuitName,
  type Claim,
  type Claims,
  type Credential,
  getClaims,
  parsePolicy,
  policyJson,
  type RegistrySnapshot,
} from '../../src/claims/index.ts';
import { encodeProof } from '../../src/claims/proof-codec.ts';
import { dataPaths, resolveConfig } from '../../src/config/index.ts';
import { createEnvelope, createPseudonym, encodeBody, encodeEnvelope, signEnvelope } from '../../src/envelope/index.ts';
import { importSdn, initIssuer, initRegistry } from '../../src/issuer/index.ts';
import { registryFile } from '../../src/node/index.ts';
import type { ProofResult } from '../../src/prover/index.ts';
import { createWallet } from '../../src/wallet/index.ts';

export const NETWORK = 'bench';
export const PASSPHRASE = 'a passphrase of the benchmarks';
/** One policy per circuit; `qualification` has the issue's own, without `unique`, so that one holder proves it often. */
export const POLICIES: Record<CircuitName, string> = {
  credential: 'age >= 18 and country in EU and kyc >= 2 and unsanctioned',
  balance: 'balance(EUR) >= 1200 fresh 24h',
  qualification: 'balance(EUR) >= 1200 fresh 24h and age >= 18 and country in EU and unsanctioned',
};

/** Holder secret of the claims: any number will do. */
const SECRET = 271_828_182_845_904_523_536n;
/** Cheap on purpose where the cost of a passphrase is not what is measured. */
const SCRYPT = { n: 1024 };
const SDN = '1,"OMEN, Damien","individual","SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n';
/** Long enough for the slowest run. */
const CLAIM_LIFE_SECONDS = 7200;

/** A claim for one order of its own; `seal` makes the envelope once it is proved. */
export interface Prepared {
  claim: Claim;
  seal(result: ProofResult): Proven;
}

export interface Proven extends ProofResult {
  circuit: CircuitName;
  expected: readonly (string | null)[];
  /** The signed claim envelope as published. */
  envelope: Uint8Array;
}

export interface BenchWorld {
  /** Data folder of an operator and holder at once: issuers, registry, wallet. */
  dataDir: string;
  registryKey: string;
  registryFile: Uint8Array;
  snapshot: RegistrySnapshot;
  claims: Claims;
  /** The next claim of this circuit; no two share nullifier or pledge. @throws RangeError when accounts have run out */
  prepare(circuit: CircuitName): Prepared;
}

/** @param accounts how many claims with a balance can be made */
export async function makeWorld(dir: string, circuits: CircuitRegistry, accounts: number): Promise<BenchWorld> {
  const claims = await getClaims();
  const dataDir = join(dir, 'data');
  const { config } = resolveConfig({ env: {}, flags: { dataDir, 'network.name': NETWORK } });
  const paths = dataPaths(config);
  const common = { passphrase: PASSPHRASE, scrypt: SCRYPT };
  const bank = await initIssuer({ ...common, dir: join(paths.issuersDir, 'bank'), name: 'Bank', schema: 'balance' });
  const kyc = await initIssuer({ ...common, dir: join(paths.issuersDir, 'kyc'), name: 'KYC', schema: 'identity' });
  const registry = await initRegistry({ ...common, dir: paths.registryDir, network: NETWORK });
  // With the cost of a real one: `wallet list` and `prove` are measured on it.
  const wallet = await createWallet({ dir: paths.walletDir, passphrase: PASSPHRASE });
  try {
    const holder = claims.holderOf(SECRET).toString();
    const identities = await kyc.issueIdentities([person(holder, 'P-1'), person(wallet.holder, 'P-2')]);
    const lines = Array.from({ length: accounts }, (_, i) => `DE-${i},EUR,${1500 + i}.00,${holder}`);
    const csv = ['account,currency,balance,holder', ...lines, `DE-W,EUR,2000.00,${wallet.holder}`, ''].join('\n');
    const balances = await bank.issueBalances(Buffer.from(csv), { asOf: Math.floor(Date.now() / 1000) - 60 });
    const issued = [...identities.issued, ...balances.issued].map(({ credential }) => credential);
    await wallet.importCredentials(JSON.stringify(issued.filter((credential) => credential.holder === wallet.holder)));

    const { registryKey } = await registry.state();
    await registry.putList('sanctions', importSdn(Buffer.from(SDN)).elements, 'sdn.csv');
    await registry.putIssuer(await bank.publish());
    await registry.putIssuer(await kyc.publish());
    const published = await registry.publish();
    const now = Math.floor(Date.now() / 1000);
    const mine = issued.filter((credential) => credential.holder === holder);
    const parts = { circuits, claims, snapshot: published.snapshot };
    return {
      dataDir,
      registryKey,
      registryFile: registryFile(published, registry, { registryKey, now }).bytes,
      snapshot: published.snapshot,
      claims,
      prepare: preparer(parts, mine),
    };
  } finally {
    wallet.close();
    registry.close();
    bank.close();
    kyc.close();
  }
}

function person(holder: string, personReference: string) {
  const facts = { birthDate: '1988-04-17', country: 'DE', nationality: 'DE', kycLevel: 2 };
  return { legalName: 'Erika Mustermann', ...facts, personReference, holder };
}

interface Parts {
  circuits: CircuitRegistry;
  claims: Claims;
  snapshot: RegistrySnapshot;
}

function preparer({ circuits, claims, snapshot }: Parts, credentials: readonly Credential[]) {
  const identity = credentials.filter(({ schema }) => schema === 'identity');
  const accounts = credentials.filter(({ schema }) => schema === 'balance');
  const next = (): Credential => {
    const account = accounts.pop();
    if (account === undefined) throw new RangeError('no account is left: issue more of them');
    return account;
  };
  return (circuit: CircuitName): Prepared => {
    const now = Math.floor(Date.now() / 1000);
    const author = createPseudonym().signer;
    const body = { offerId: '11'.repeat(32), orderId: toHex(randomBytes(32)), counterparty: '33'.repeat(32) };
    const expiresAt = now + CLAIM_LIFE_SECONDS;
    const pseudonym = toHex(author.publicKey);
    const binding = { network: NETWORK, kind: 'claim' as const, ...body, pseudonym, expiresAt };
    const policy = parsePolicy(POLICIES[circuit]);
    // An account backs one open order, so each claim with a balance has one of its own.
    const held = circuit === 'credential' ? identity : [...identity, next()];
    const claim = claims.buildClaim({ policy, secret: SECRET, credentials: held, registry: snapshot, binding, now });
    const seal = (result: ProofResult): Proven => {
      const unsigned = createEnvelope({
        kind: 'claim',
        expiresAt,
        pseudonym: author.publicKey,
        body: encodeBody('claim', body),
        proof: {
          circuit,
          verifyingKey: circuits.get(circuit).verifyingKeyId,
          policy: policyJson(policy),
          registryRoot: BigInt(snapshot.root),
          publicSignals: result.publicSignals,
          proof: encodeProof(result.proof),
        },
      });
      const envelope = encodeEnvelope(signEnvelope(unsigned, NETWORK, author));
      return { ...result, circuit, expected: claim.expected, envelope };
    };
    return { claim, seal };
  };
}
