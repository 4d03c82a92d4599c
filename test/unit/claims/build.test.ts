import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Claim,
  ClaimError,
  type ClaimRequest,
  type Credential,
  createClaims,
  nameKey,
  parsePolicy,
  readDisclosed,
  readPledges,
  readSignal,
} from '../../../src/claims/index.ts';
import {
  account,
  BINDING,
  claims,
  DAY,
  HOUR,
  identity,
  KEYS,
  NOW,
  publicKey,
  request,
  SECRET,
  snapshot,
} from './fixture.ts';
import { publicSignalsOf } from './witness.ts';

/** Caches of its own: what it finds, it finds itself. */
const verifier = await createClaims();

/** Proves that inputs, circuit and the verifier's own computation agree, and returns what the circuit said. */
async function agrees(claimRequest: ClaimRequest): Promise<{ claim: Claim; signals: string[] }> {
  const claim = claims.buildClaim(claimRequest);
  assert.deepEqual(claims.shortfalls(claimRequest), []);
  const { registry, binding, now, policy } = claimRequest;
  const view = { registry: verifier.registryView(registry), binding: { ...binding }, now };
  assert.deepEqual(verifier.expectedSignals(policy, view), { circuit: claim.circuit, expected: claim.expected });
  const signals = await publicSignalsOf(claim);
  const known = claim.expected.map((value, i) => value ?? signals[i]);
  assert.deepEqual(signals, known);
  return { claim, signals };
}

function refusal(claimRequest: ClaimRequest): { codes: string[]; message: string } {
  try {
    claims.buildClaim(claimRequest);
  } catch (error) {
    if (!(error instanceof ClaimError)) throw error;
    const codes = error.missing.map(({ code }) => code);
    assert.equal(error.code, codes[0] ?? error.code);
    if (codes.length > 0)
      assert.deepEqual(
        claims.shortfalls(claimRequest).map(({ code }) => code),
        codes,
      );
    return { codes: codes.length > 0 ? codes : [error.code], message: error.message };
  }
  throw new assert.AssertionError({ message: 'a claim was built' });
}

const code = (claimRequest: ClaimRequest): string | undefined => refusal(claimRequest).codes[0];

describe('a claim, its circuit and the verifier agree', () => {
  it('credential: every kind of demand at once', async () => {
    const policy = parsePolicy(
      'age >= 18 and age < 65 and kyc >= 2 and nationality != US and country in EU and unsanctioned and unique and disclose country',
    );
    const { claim, signals } = await agrees(request(policy, [identity()]));
    assert.equal(claim.circuit, 'credential');
    assert.equal(readDisclosed(policy, readSignal('credential', signals, 'disclosed') ?? ''), 'DE');
  });

  it('credential: nothing but being one', async () => {
    const { claim, signals } = await agrees(request(parsePolicy('identity'), [identity()]));
    assert.equal(readSignal('credential', signals, 'disclosed'), '0');
    assert.equal(claim.expected[2], '0');
  });

  it('credential: every operator on every attribute', async () => {
    for (const text of [
      'age > 35 and age <= 36',
      'birthDate == 1990-05-17',
      'birthDate != 1990-05-18 and birthDate > 1990-05-16 and birthDate <= 1990-05-17',
      'kyc == 2 and kyc != 1 and kyc > 1 and kyc < 3',
      'kyc in {1, 2} and disclose kyc',
      'country == DE and nationality == FR and entityType == person and disclose birthDate',
      'nationality in {FR} and entityType != company and disclose nationality',
    ]) {
      await agrees(request(parsePolicy(text), [identity()]));
    }
  });

  it('credential: by the second issuer, beside revoked ones', async () => {
    const credential = identity({}, { key: KEYS.identity2, serial: 6n });
    await agrees(request(parsePolicy('identity'), [credential]));
  });

  it('balance: over one, two and three accounts, in the order of their references', async () => {
    const accounts = [account(50_000n, 30n), account(40_000n, 10n, { key: KEYS.custodian2 }), account(30_000n, 20n)];
    for (const [threshold, refs] of [
      ['300', ['20']],
      ['400', ['10']],
      ['900', ['10', '30']],
      ['1200', ['10', '20', '30']],
    ] as const) {
      const { claim, signals } = await agrees(request(parsePolicy(`balance(EUR) >= ${threshold}`), accounts));
      assert.equal(claim.circuit, 'balance');
      assert.deepEqual((claim.inputs['accountRef'] as string[]).slice(0, refs.length), refs);
      assert.equal(readPledges('balance', signals).length, refs.length);
    }
  });

  it('balance: of the greatest amount there is', async () => {
    const most = (1n << 128n) - 1n;
    await agrees(request(parsePolicy(`balance(JPY) >= ${most}`), [account(most, most - 1n, { asset: 'JPY' })]));
  });

  it('qualification: identity and balance of one holder', async () => {
    const policy = parsePolicy(
      'balance(EUR) >= 1200 fresh 24h and age >= 18 and country in EU and kyc >= 2 and unsanctioned and unique and disclose country',
    );
    const credentials = [account(120_000n, 1n), identity(), account(999n, 2n)];
    const { claim, signals } = await agrees(request(policy, credentials));
    assert.equal(claim.circuit, 'qualification');
    assert.equal(readPledges('qualification', signals).length, 1);
  });

  it('one holder shows one nullifier per offer, and one link tag per order', async () => {
    const policy = parsePolicy('age >= 18 and unique');
    const first = await agrees(request(policy, [identity()]));
    const second = await agrees(
      request(policy, [identity()], { binding: { ...BINDING, orderId: '77'.repeat(32) }, now: NOW + 60 }),
    );
    const third = await agrees(request(parsePolicy('age >= 18'), [identity()]));
    const read = (name: 'nullifier' | 'linkTag') =>
      [first, second, third].map(({ signals }) => readSignal('credential', signals, name));
    const [nullifier, again, other] = read('nullifier');
    assert.equal(nullifier, again);
    assert.notEqual(nullifier, other);
    const [link, linkElsewhere, linkSame] = read('linkTag');
    assert.notEqual(link, linkElsewhere);
    assert.equal(link, linkSame);
  });
});

describe('what a holder lacks is said in plain words', () => {
  const adult = parsePolicy('age >= 18 and country in EU and kyc >= 2 and unsanctioned');
  const funds = parsePolicy('balance(EUR) >= 1200 fresh 1h');

  it('no credential', () => {
    assert.equal(refusal(request(adult, [account(1n, 1n)])).message, 'no identity credential');
    assert.equal(
      refusal(request(funds, [account(500_000n, 1n, { asset: 'USD' })])).message,
      'no balance credential for EUR',
    );
  });

  it('each unmet demand, and no value of the credential', () => {
    const poor = identity({ birthDate: '2010-01-01', country: 'US', kycLevel: 1, nameKey: nameKey('Actor Bad') });
    assert.deepEqual(refusal(request(adult, [poor])), {
      codes: ['CLAIM_COMPARISON_FAILED', 'CLAIM_COMPARISON_FAILED', 'CLAIM_NOT_IN_SET', 'CLAIM_ON_LIST'],
      message: 'age >= 18 is not met; kyc >= 2 is not met; country is not in EU; the name is on the list sanctions',
    });
  });

  it('a birthday is a day at UTC', () => {
    const born = identity({ birthDate: '2008-11-22' });
    const policy = parsePolicy('age >= 18');
    const midnight = Date.UTC(2026, 10, 22) / 1000;
    const at = (now: number) =>
      request(policy, [identity({ birthDate: '2008-11-22' }, { issuedAt: midnight - DAY })], { now });
    assert.deepEqual(claims.shortfalls(request(policy, [born])), []);
    assert.deepEqual(claims.shortfalls(at(midnight)), []);
    assert.equal(code(at(midnight - 1)), 'CLAIM_COMPARISON_FAILED');
  });

  it('who was born on a leap day comes of age on 1 March of a common year', () => {
    const noon = (month: number, day: number) => Date.UTC(2026, month - 1, day, 12) / 1000;
    const at = (now: number) =>
      request(parsePolicy('age >= 18'), [identity({ birthDate: '2008-02-29' }, { issuedAt: 0 })], {
        now,
        registry: { ...snapshot() },
      });
    assert.equal(code(at(noon(2, 28))), 'CLAIM_COMPARISON_FAILED');
    assert.deepEqual(claims.shortfalls(at(noon(3, 1))), []);
  });

  it('a company has no age, neither above nor below', () => {
    const company = identity({ entityType: 'company', birthDate: undefined });
    for (const text of ['age >= 18', 'age < 30', 'age <= 30', 'birthDate > 1990-01-01', 'birthDate != 1990-01-01']) {
      assert.equal(code(request(parsePolicy(text), [company])), 'CLAIM_COMPARISON_FAILED', text);
    }
    assert.deepEqual(claims.shortfalls(request(parsePolicy('entityType == company and kyc >= 2'), [company])), []);
  });

  it('validity: the edges of issuedAt and expiresAt', () => {
    const policy = parsePolicy('identity');
    const at = (now: number) => request(policy, [identity({}, { issuedAt: NOW, expiresAt: NOW + HOUR / 2 })], { now });
    assert.equal(code(at(NOW - 1)), 'CLAIM_NOT_YET_VALID');
    assert.deepEqual(claims.shortfalls(at(NOW)), []);
    assert.deepEqual(claims.shortfalls(at(NOW + HOUR / 2 - 1)), []);
    assert.equal(code(at(NOW + HOUR / 2)), 'CLAIM_EXPIRED');
  });

  it('revoked, by another holder, unknown issuer, wrong schema of the issuer, forged', () => {
    const policy = parsePolicy('identity');
    const credential = identity({}, { serial: 4_242n });
    const registry = snapshot({ revoked: ['4242'] });
    assert.equal(code(request(policy, [credential], { registry })), 'CLAIM_REVOKED');
    assert.equal(code(request(policy, [identity({}, { secret: SECRET + 1n })])), 'CLAIM_WRONG_HOLDER');
    assert.equal(code(request(policy, [identity({}, { key: KEYS.stranger })])), 'CLAIM_UNKNOWN_ISSUER');
    assert.equal(code(request(policy, [identity({}, { key: KEYS.custodian })])), 'CLAIM_UNKNOWN_ISSUER');
    const forged: Credential = { ...credential, attributes: credential.attributes.with(2, '9') };
    assert.equal(code(request(policy, [forged])), 'CLAIM_BAD_SIGNATURE');
    const swapped: Credential = { ...credential, issuer: publicKey(KEYS.identity2) };
    assert.equal(code(request(policy, [swapped])), 'CLAIM_BAD_SIGNATURE');
  });

  it('picks the one good credential among bad ones', () => {
    const good = identity();
    const claim = claims.buildClaim(
      request(adult, [
        identity({ country: 'US' }, { expiresAt: NOW + 2 * DAY }),
        identity({}, { key: KEYS.stranger, expiresAt: NOW + 3 * DAY }),
        good,
        identity({}, { expiresAt: NOW }),
      ]),
    );
    assert.equal(claim.inputs['serial'], good.serial);
  });

  it('a balance too low, in figures', () => {
    assert.deepEqual(refusal(request(funds, [account(90_000n, 1n)])), {
      codes: ['CLAIM_BALANCE_TOO_LOW'],
      message: 'balance 900.00 EUR below 1200.00 EUR',
    });
    assert.equal(
      refusal(
        request(
          funds,
          [1n, 2n, 3n, 4n].map((ref) => account(30_001n, ref)),
        ),
      ).message,
      'balance 900.03 EUR below 1200.00 EUR',
    );
    assert.deepEqual(claims.shortfalls(request(funds, [account(120_000n, 1n)])), []);
    assert.equal(code(request(funds, [account(119_999n, 1n)])), 'CLAIM_BALANCE_TOO_LOW');
  });

  it('one account counts once, by its newest statement', () => {
    const twice = [account(70_000n, 1n, { issuedAt: NOW - 60 }), account(70_000n, 1n, { key: KEYS.custodian2 })];
    assert.equal(refusal(request(funds, twice)).message, 'balance 700.00 EUR below 1200.00 EUR');
    const spent = [account(500_000n, 1n), account(10_000n, 1n, { issuedAt: NOW - 60 })];
    assert.equal(refusal(request(funds, spent)).message, 'balance 100.00 EUR below 1200.00 EUR');
  });

  it('a qualification counts one account alone', () => {
    const both = parsePolicy('balance(EUR) >= 1200 and identity');
    const credentials = [identity(), account(70_000n, 1n), account(70_000n, 2n)];
    assert.equal(refusal(request(both, credentials)).message, 'balance 700.00 EUR below 1200.00 EUR');
    assert.deepEqual(refusal(request(both, [])).codes, ['CLAIM_NO_CREDENTIAL', 'CLAIM_NO_CREDENTIAL']);
  });

  it('a stale balance, to the second', () => {
    assert.deepEqual(claims.shortfalls(request(funds, [account(120_000n, 1n, { issuedAt: NOW - HOUR })])), []);
    const stale = account(120_000n, 1n, { issuedAt: NOW - HOUR - 1 });
    assert.equal(refusal(request(funds, [stale])).message, 'balance credential is older than 1h');
    assert.deepEqual(refusal(request(funds, [stale, account(5n, 2n)])).codes, ['CLAIM_BALANCE_TOO_LOW', 'CLAIM_STALE']);
  });

  it('a list that the registry does not hold', () => {
    assert.equal(code(request(adult, [identity()], { registry: snapshot({ lists: false }) })), 'CLAIM_UNKNOWN_LIST');
  });

  it('a binding that has expired, and data that is none', () => {
    const policy = parsePolicy('identity');
    const good = identity();
    assert.equal(code(request(policy, [good], { binding: { ...BINDING, expiresAt: NOW } })), 'CLAIM_BINDING_EXPIRED');
    assert.equal(
      code(request(policy, [good], { binding: { ...BINDING, offerId: 'AB'.repeat(32) } })),
      'CLAIM_BAD_BINDING',
    );
    assert.equal(code(request(policy, [good], { binding: { ...BINDING, network: 'a\nb' } })), 'CLAIM_BAD_BINDING');
    assert.equal(code(request(policy, [good], { now: 1.5 })), 'CLAIM_BAD_TIME');
    assert.equal(code(request(policy, [good], { now: 2 ** 40 })), 'CLAIM_BAD_TIME');
    assert.equal(code(request(policy, [good], { secret: 0n })), 'CLAIM_BAD_SECRET');
    const bad: Credential = { ...good, serial: '0x10' };
    assert.equal(code(request(policy, [bad])), 'CLAIM_BAD_CREDENTIAL');
    assert.equal(code(request(policy, [{ ...good, attributes: good.attributes.slice(1) }])), 'CLAIM_BAD_CREDENTIAL');
  });

  it('never the secret, nor an attribute', () => {
    const secrets = [SECRET.toString(), '19900517', '1990-05-17', nameKey('Erika Mustermann').toString(), '4711'];
    const policy = parsePolicy('age >= 99 and country == US and unsanctioned and kyc > 8');
    const { message } = refusal(request(policy, [identity()]));
    for (const secret of secrets) assert.equal(message.includes(secret), false);
  });
});

describe('inputs the circuit itself refuses', () => {
  it('a claim whose public signals are another policy’s', async () => {
    const claim = claims.buildClaim(request(parsePolicy('age >= 18'), [identity()]));
    const other = claims.buildClaim(request(parsePolicy('age >= 21'), [identity()]));
    const inputs = { ...claim.inputs, policyHash: other.inputs['policyHash'] ?? '' };
    await assert.rejects(publicSignalsOf({ circuit: 'credential', inputs }), { code: 'PROVER_UNSATISFIED' });
  });

  it('one account in two slots', async () => {
    const claim = claims.buildClaim(request(parsePolicy('balance(EUR) >= 1200'), [account(120_000n, 1n)]));
    const inputs = { ...claim.inputs, used: ['1', '1', '0'], threshold: '240000' };
    await assert.rejects(publicSignalsOf({ circuit: 'balance', inputs }), { code: 'PROVER_UNSATISFIED' });
  });
});
