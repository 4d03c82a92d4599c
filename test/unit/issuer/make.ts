import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { type Issuer, initIssuer, initRegistry, type Registry } from '../../../src/issuer/index.ts';
import { tempDir } from '../../support/temp-dir.ts';

export const PASSPHRASE = 'a passphrase of tests';
/** Cheap on purpose; `the default cost is what the header says` in sealed-file.test.ts holds the real one. */
export const SCRYPT = { n: 1024 };
/** 2026-11-22T12:00:00Z. */
export const NOW = 1_795_348_800;

/** Any field elements do for holders: issuers cannot tell. */
export const HOLDER_A = '1000000000000000000000000000000000000001';
export const HOLDER_B = '1000000000000000000000000000000000000002';
export const HOLDER_C = '1000000000000000000000000000000000000003';

export async function makeIssuer(
  t: TestContext,
  schema: 'identity' | 'balance',
  name = 'Example Issuer',
): Promise<{ issuer: Issuer; dir: string; clock: ManualClock }> {
  const dir = join(await tempDir(t), 'issuer');
  const clock = new ManualClock(NOW * 1000);
  const issuer = await initIssuer({ dir, name, schema, passphrase: PASSPHRASE, scrypt: SCRYPT, clock });
  t.after(() => issuer.close());
  return { issuer, dir, clock };
}

export async function makeRegistry(t: TestContext): Promise<{ registry: Registry; dir: string; clock: ManualClock }> {
  const dir = join(await tempDir(t), 'registry');
  const clock = new ManualClock(NOW * 1000);
  const registry = await initRegistry({ dir, network: 'local', passphrase: PASSPHRASE, scrypt: SCRYPT, clock });
  t.after(() => registry.close());
  return { registry, dir, clock };
}

/** A good identity record; `over` replaces fields. */
export function record(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    legalName: 'Anna Muster',
    birthDate: '1988-04-17',
    country: 'DE',
    nationality: 'DE',
    kycLevel: 2,
    personReference: 'P-1',
    holder: HOLDER_A,
    ...over,
  };
}

export function csv(...lines: string[]): Uint8Array {
  return Buffer.from(`${lines.join('\n')}\n`, 'utf8');
}
