/**
 * Every engine against each other and against two independent judges: 100,000 mutated proofs and signals get one and the
 * same verdict from all of our engines; snarkjs and @noble/curves judge a sample of them, or all with
 * ZKBAZAAR_TEST_JUDGE_EVERY=1 (docs/decisions/verifier.md has the figures of such a run).
 *
 * Our verdict is that of snarkjs but for the refusals of `STRICTER`, which docs/verifier-differences.md explains.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createVerifierPool, type Verdict, VerdictCode, type VerifyRequest } from '../../src/verifier/index.ts';
import { ENGINES } from '../unit/verifier/engines.ts';
import { productKey, products, squareKey, squares } from '../unit/verifier/vectors.ts';
import { Random } from './random.ts';
import { NOBLE_CODES, nobleJudge, snarkjs } from './verifier-judges.ts';
import { MUTATIONS } from './verifier-mutations.ts';

const MUTANTS = Number(process.env['ZKBAZAAR_TEST_MUTANTS'] ?? 100_000);
const SEED = Number(process.env['ZKBAZAAR_TEST_SEED'] ?? Date.now() % 2 ** 31);
/** Each so many-th mutant goes to snarkjs (some 20 ms where it reaches the pairing)... */
const SNARKJS_EVERY = Number(process.env['ZKBAZAAR_TEST_JUDGE_EVERY'] ?? 75);
/** ...and each so many-th to noble (some 60 ms). */
const NOBLE_EVERY = SNARKJS_EVERY === 1 ? 1 : 4 * SNARKJS_EVERY + 1;
/** Mutants checked in one of our batches, good and bad mixed, of both keys and of several origins. */
const BATCH = 64;
const ORIGINS = [undefined, 'a', 'b', 'c', 'd'];

/** Codes with which we refuse what snarkjs may accept. With any other code, and with "valid", it must agree. */
const STRICTER: ReadonlySet<VerdictCode> = new Set([
  VerdictCode.BadShape,
  VerdictCode.BadLabel,
  VerdictCode.SignalNotCanonical,
  VerdictCode.SignalCount,
  VerdictCode.CoordinateNotCanonical,
  VerdictCode.PointAtInfinity,
  VerdictCode.PointNotInSubgroup,
]);
/** Mutations of which at least one mutant must be good for snarkjs and refused by us, or the list is out of date. */
const KNOWN_DIFFERENCES = [
  'coordinate + q',
  'coordinate in hex',
  'coordinate with leading zeros',
  'a point with another z',
  'another label',
  'a label missing',
  'a label of junk',
  'a field more',
  'a coordinate more',
  'signal in hex',
  'signal with leading zeros',
];

interface Mutant {
  name: string;
  request: VerifyRequest;
}

const TOTAL = MUTATIONS.reduce((sum, { share }) => sum + share, 0);

/** Drawn one by one, so that batches hold good and bad, and both keys. */
function mutant(random: Random): Mutant {
  let at = random.below(TOTAL);
  const mutation = MUTATIONS.find(({ share }) => {
    at -= share;
    return at < 0;
  });
  assert.ok(mutation !== undefined);
  const others = random.below(4) === 0 ? squares : products;
  const request = mutation.mutate(random.pick(others), random, others) as VerifyRequest;
  return { name: mutation.name, request: { ...request, origin: random.pick(ORIGINS) } };
}

/** Counts, for the report. */
class Tally {
  readonly counts = new Map<string, number>();

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  toString(): string {
    return JSON.stringify(Object.fromEntries([...this.counts].sort()));
  }
}

describe('verifier against snarkjs and noble', () => {
  before(() => snarkjs.start());
  after(() => snarkjs.stop());

  it(`judges ${MUTANTS} mutants alike with ${ENGINES.join(', ')} (seed ${SEED})`, async (t) => {
    // The judges hold this thread up for long, and a complete run may get little of a busy machine.
    const init = { keys: [productKey, squareKey], workers: 2, timeoutMs: 3_600_000 };
    const pools = ENGINES.map((engine) => createVerifierPool({ ...init, engine }));
    const random = new Random(SEED);
    const [codes, stricter] = [new Tally(), new Tally()];
    const judged = { snarkjs: 0, noble: 0, pairings: 0 };
    let count = 0;

    const compare = async ({ name, request }: Mutant, verdict: Verdict): Promise<void> => {
      const what = (judge: string, said: unknown) =>
        `${name}: ${verdict.code}, ${judge} ${said}, seed ${SEED}\n${JSON.stringify(request)}`;
      if (count % SNARKJS_EVERY === 0) {
        judged.snarkjs += 1;
        const good = await snarkjs.judge(request);
        if (verdict.valid !== good) {
          assert.ok(good && STRICTER.has(verdict.code), what('snarkjs', good));
          stricter.add(name);
        }
      }
      if (count % NOBLE_EVERY === 0 && NOBLE_CODES.has(verdict.code)) {
        judged.noble += 1;
        const code = nobleJudge(request);
        if (code === VerdictCode.Valid || code === VerdictCode.InvalidProof) judged.pairings += 1;
        assert.equal(code, verdict.code, what('noble', code));
      }
    };

    const start = (length: number) => {
      const some = Array.from({ length }, () => mutant(random));
      const requests = some.map(({ request }) => request);
      return { some, verdicts: Promise.all(pools.map((pool) => pool.verifyBatch(requests))) };
    };
    let next = start(Math.min(BATCH, MUTANTS));
    while (count < MUTANTS) {
      const { some, verdicts } = next;
      // The engines are at the next batch while the judges are at this one.
      next = start(Math.min(BATCH, MUTANTS - count - some.length));
      const [first = [], ...others] = await verdicts;
      for (const [i, one] of some.entries()) {
        const verdict = first[i];
        assert.ok(verdict !== undefined);
        for (const other of others) {
          assert.deepEqual(other[i], verdict, `${one.name}, seed ${SEED}\n${JSON.stringify(one.request)}`);
        }
        codes.add(verdict.code);
        await compare(one, verdict);
        count += 1;
      }
    }
    await Promise.all(pools.map((pool) => pool.close()));

    for (const name of KNOWN_DIFFERENCES) assert.ok(stricter.counts.has(name), `no difference seen for: ${name}`);
    const expected = [...NOBLE_CODES, ...STRICTER];
    for (const code of expected) assert.ok(codes.counts.has(code), `no mutant got ${code}`);
    assert.equal(codes.counts.get(VerdictCode.Internal), undefined);
    t.diagnostic(`verdicts: ${codes}`);
    t.diagnostic(`stricter than snarkjs: ${stricter}`);
    t.diagnostic(`judged by snarkjs: ${judged.snarkjs}; by noble: ${judged.noble}, pairings ${judged.pairings}`);
  });
});
