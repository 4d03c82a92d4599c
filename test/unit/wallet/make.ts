import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import type { Credential } from '../../../src/claims/index.ts';
import { initIssuer } from '../../../src/issuer/index.ts';
import { createWallet, type Wallet } from '../../../src/wallet/index.ts';
import { tempDir } from '../../support/temp-dir.ts';

export const PASSPHRASE = 'a passphrase of tests';
/** Cheap on purpose; sealed-file.test.ts holds the real cost. */
export const SCRYPT = { n: 1024 };
/** 2026-11-22T12:00:00Z. */
export const NOW = 1_795_348_800;

export async function makeWallet(t: TestContext): Promise<{ wallet: Wallet; dir: string; clock: ManualClock }> {
  const dir = join(await tempDir(t), 'wallet');
  const clock = new ManualClock(NOW * 1000);
  const wallet = await createWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT, clock });
  t.after(() => wallet.close());
  return { wallet, dir, clock };
}

/** Identity credentials of one person each, as a real issuer signs them. */
export async function issueTo(t: TestContext, holders: readonly string[]): Promise<Credential[]> {
  const dir = join(await tempDir(t), 'issuer');
  const clock = new ManualClock(NOW * 1000);
  const init = { dir, name: 'Example', schema: 'identity', passphrase: PASSPHRASE, scrypt: SCRYPT, clock } as const;
  const issuer = await initIssuer(init);
  const records = holders.map((holder, i) => ({
    legalName: 'Anna Muster',
    birthDate: '1988-04-17',
    country: 'DE',
    nationality: 'DE',
    kycLevel: 2,
    personReference: `P-${new Set(holders.slice(0, i + 1)).size}`,
    holder,
  }));
  const { issued } = await issuer.issueIdentities(records);
  issuer.close();
  return issued.map(({ credential }) => credential);
}
