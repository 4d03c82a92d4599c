import { systemClock } from '../../base/clock.ts';
import type { Claims, Credential, RegistrySnapshot, Shortfall } from '../../claims/interface.ts';
import { decodeEnvelope, type Envelope } from '../../envelope/index.ts';
import type { ProvenClaim, ProveRequest, RegistryInfo } from '../../node/interface.ts';
import { ProofDesk } from '../../node/proof-desk.ts';
import { WalletDoor } from '../../node/wallet-door.ts';
import type { ProverService } from '../../prover/interface.ts';
import type { Verifier } from '../../verifier/interface.ts';
import { NETWORK } from './cast.ts';

type Circuits = ConstructorParameters<typeof ProofDesk>[0]['circuits'];

/** The attackers' workshop: a prover and a verifier that several wallets share. */
export class Workshop {
  readonly #parts: { claims: Claims; circuits: Circuits; prover: ProverService; verifier: Verifier };
  readonly #doors: WalletDoor[] = [];

  private constructor(parts: { claims: Claims; circuits: Circuits; prover: ProverService; verifier: Verifier }) {
    this.#parts = parts;
  }

  static async open(): Promise<Workshop> {
    const [artifacts, claims, prover, verifier] = await Promise.all([
      import('../../artifacts/index.ts'),
      import('../../claims/index.ts'),
      import('../../prover/index.ts'),
      import('../../verifier/index.ts'),
    ]);
    const circuits = await artifacts.loadArtifacts({ production: false });
    return new Workshop({
      claims: await claims.getClaims(),
      circuits,
      prover: prover.createProverService({}, { circuits }),
      verifier: await verifier.createVerifier({
        keys: circuits.list().map(({ verifyingKeyBytes }) => verifyingKeyBytes),
      }),
    });
  }

  async holder(walletDir: string, passphrase: string, snapshot: RegistrySnapshot): Promise<Holder> {
    const door = new WalletDoor({ dir: walletDir, network: NETWORK, clock: systemClock });
    this.#doors.push(door);
    await door.unlock(passphrase);
    const holder = new Holder(door, snapshot, (wallet, registry) => {
      return new ProofDesk({
        ...this.#parts,
        clock: systemClock,
        registry,
        wallet,
        network: NETWORK,
        onEvent: () => undefined,
      });
    });
    return holder;
  }

  async close(): Promise<void> {
    for (const door of this.#doors) door.close();
    await Promise.all([this.#parts.prover.close(0), this.#parts.verifier.close()]);
  }
}

type DeskMaker = (
  wallet: WalletDoor,
  registry: { snapshot(): RegistrySnapshot; current(): RegistryInfo | null },
) => ProofDesk;

/** One holder who proves outside of any node, and may sign what no node would. */
export class Holder {
  /** The registry that proofs are made against. */
  snapshot: RegistrySnapshot;
  readonly #door: WalletDoor;
  readonly #desk: ProofDesk;

  constructor(door: WalletDoor, snapshot: RegistrySnapshot, makeDesk: DeskMaker) {
    this.snapshot = snapshot;
    this.#door = door;
    this.#desk = makeDesk(door, {
      snapshot: () => this.snapshot,
      current: () => ({ complete: true }) as RegistryInfo,
    });
  }

  /** A genuine proof, checked before it is given out. */
  async prove(
    request: ProveRequest,
    options: { signal: AbortSignal; onProgress?: (stage: string, fraction: number) => void },
  ): Promise<ProvenClaim> {
    return await this.#desk.prove(request, options);
  }

  /** What stands between this holder and the policy, by the registry in use. */
  async shortfalls(policy: string): Promise<Shortfall[]> {
    return (await this.#desk.check(policy)).shortfalls ?? [];
  }

  async import(credentials: readonly Credential[]): Promise<void> {
    await this.#door.importCredentials(JSON.stringify(credentials));
  }

  async remove(serial: string): Promise<void> {
    await this.#door.removeCredential(serial);
  }

  /** The claim's envelope with something changed, signed again by its own pseudonym. */
  async forge(
    claim: ProvenClaim,
    change: (envelope: Envelope) => Partial<Envelope>,
  ): Promise<{ id: string; data: Uint8Array }> {
    const envelope = decodeEnvelope(claim.envelope);
    return await this.#door.signEnvelope({ ...envelope, ...change(envelope) });
  }
}
