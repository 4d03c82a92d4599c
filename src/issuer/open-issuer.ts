import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { parseDecimal } from '../base/field.ts';
import { withFileLock } from '../base/file-lock.ts';
import { ensurePrivateDir, pathExists } from '../base/private-file.ts';
import { MIN_PASSPHRASE_LENGTH, type ScryptCost } from '../base/sealed-file.ts';
import { getClaims } from '../claims/index.ts';
import { getSigningCrypto } from '../crypto/index.ts';
import { isIssuerName, isSchemaName } from './entry.ts';
import { IssuerError, IssuerErrorCode, withIssuerCodes } from './errors.ts';
import type { Issuer, IssuerCreate, IssuerIdentity, IssuerInit } from './interface.ts';
import { FileIssuer, type IssuerSecrets } from './issuer.ts';
import { createKeyFile, type KeyFile, readKeyFile, unlockKeyFile } from './key-file.ts';
import { LedgerFile } from './ledger.ts';

const KEY_FORMAT = 'zkbazaar/issuer-key';
const SECRET_BYTES = 32;
const SALT_BYTES = 32;

const keyPath = (dir: string): string => join(dir, 'issuer.json');

/** What the key file says in the clear. */
type Owner = IssuerIdentity & Record<string, string>;

/**
 * Makes an issuer: a fresh Baby Jubjub key and a fresh salt for references, sealed under the passphrase.
 * @throws IssuerError ISSUER_EXISTS, ISSUER_BAD_INPUT, ISSUER_BAD_PASSPHRASE, ISSUER_BAD_FILE
 */
export async function initIssuer(init: IssuerCreate): Promise<Issuer> {
  const { dir, name, schema, passphrase } = init;
  if (!isIssuerName(name)) {
    throw new IssuerError(IssuerErrorCode.BadInput, 'an issuer has a name of 1 to 64 printable characters');
  }
  if (!isSchemaName(schema))
    throw new IssuerError(IssuerErrorCode.BadInput, 'an issuer has the schema identity or balance');
  if (passphrase.length < MIN_PASSPHRASE_LENGTH) {
    throw new IssuerError(
      IssuerErrorCode.BadPassphrase,
      `a passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters`,
    );
  }
  const crypto = await getSigningCrypto();
  await withIssuerCodes(async () => {
    await ensurePrivateDir(dir);
    await withFileLock(keyPath(dir), async () => {
      if (await pathExists(keyPath(dir))) {
        throw new IssuerError(IssuerErrorCode.Exists, 'the folder holds an issuer already', {
          hint: 'choose another folder',
        });
      }
      const secret = randomBytes(SECRET_BYTES);
      const { x, y } = crypto.publicKey(secret);
      const secrets = Buffer.concat([secret, randomBytes(SALT_BYTES)]);
      secret.fill(0);
      // The ledger first: the key file is what makes the folder an issuer.
      await new LedgerFile(dir).create();
      const owner = { name, schema, x: x.toString(), y: y.toString() };
      await createKeyFile(keyPath(dir), KEY_FORMAT, owner, secrets, passphrase, init.scrypt);
    });
  });
  return await openIssuer(init);
}

/**
 * Opens an issuer's folder.
 * @throws IssuerError ISSUER_NOT_FOUND, ISSUER_UNLOCK_FAILED, ISSUER_BAD_FILE
 */
export async function openIssuer(init: IssuerInit): Promise<Issuer> {
  const { dir, passphrase, clock = systemClock } = init;
  return await withIssuerCodes(async () => {
    const file = await readKeyFile(dir, keyPath(dir), readIdentity);
    const secrets = passphrase === undefined ? undefined : await unlock(file, passphrase, init.scrypt);
    const [crypto, claims] = await Promise.all([getSigningCrypto(), getClaims()]);
    return new FileIssuer({ identity: file.public, dir, secrets, clock, crypto, claims });
  });
}

async function unlock(file: KeyFile<Owner>, passphrase: string, cost: ScryptCost | undefined): Promise<IssuerSecrets> {
  const secrets = await unlockKeyFile(file, KEY_FORMAT, passphrase, SECRET_BYTES + SALT_BYTES, cost);
  return { secret: secrets.subarray(0, SECRET_BYTES), salt: secrets.subarray(SECRET_BYTES) };
}

function readIdentity(fields: Record<string, unknown>): Owner | undefined {
  const { name, schema, x, y } = fields;
  if (!isIssuerName(name) || !isSchemaName(schema)) return undefined;
  if (typeof x !== 'string' || typeof y !== 'string') return undefined;
  return parseDecimal(x) === undefined || parseDecimal(y) === undefined ? undefined : { name, schema, x, y };
}
