import { type Claims, type Credential, credentialSchema } from '../claims/index.ts';
import { WalletError, WalletErrorCode } from './errors.ts';

/** Checking a signature takes some 20 ms: this many take half a minute, and nobody has so many. */
const MAX_CREDENTIALS = 1000;
/** A credential has under 2 KiB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a credential file and checks every credential: shape, whose it is, and the issuer's signature.
 * @returns each with its place in the file, `credentials[2]`
 * @throws WalletError WALLET_BAD_CREDENTIAL_FILE, WALLET_BAD_CREDENTIAL, WALLET_NOT_OURS, WALLET_BAD_SIGNATURE
 */
export function readCredentialFile(file: Uint8Array | string, holder: string, claims: Claims): Credential[] {
  const items = itemsOf(file);
  if (items.length > MAX_CREDENTIALS) throw badFile(`the file holds more than ${MAX_CREDENTIALS} credentials`);
  return items.map((item, index) => {
    const where = `credentials[${index}]`;
    const parsed = credentialSchema.safeParse(item);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
      throw new WalletError(WalletErrorCode.BadCredential, `no credential: ${issue?.message ?? 'malformed'}`, {
        where: `${where}${path.join('')}`,
      });
    }
    const credential = parsed.data;
    if (credential.holder !== holder) {
      throw new WalletError(WalletErrorCode.NotOurs, 'the credential belongs to another holder', {
        where: `${where}.holder`,
        hint: "ask the issuer for one on this wallet's holder commitment",
      });
    }
    if (!claims.verifyCredential(credential)) {
      throw new WalletError(WalletErrorCode.BadSignature, 'the issuer named in the credential did not sign it', {
        where: `${where}.signature`,
      });
    }
    return credential;
  });
}

function itemsOf(file: Uint8Array | string): unknown[] {
  if (file.length > MAX_FILE_BYTES) throw badFile(`the file is larger than ${MAX_FILE_BYTES} bytes`);
  const value = parse(file);
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) throw badFile('the file holds no credential');
  const { credentials } = value as Record<string, unknown>;
  if (credentials === undefined) return [value];
  if (Array.isArray(credentials)) return credentials;
  throw badFile('"credentials" is no array');
}

function parse(file: Uint8Array | string): unknown {
  try {
    const text = typeof file === 'string' ? file : new TextDecoder('utf-8', { fatal: true }).decode(file);
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the text around the fault, which is personal data; only its place is passed on.
    const place = error instanceof SyntaxError ? /\(line (\d+) column (\d+)\)$/.exec(error.message) : null;
    throw badFile('the file is not JSON', place === null ? undefined : `${place[1]}:${place[2]}`);
  }
}

function badFile(message: string, where?: string): WalletError {
  return new WalletError(WalletErrorCode.BadCredentialFile, message, { where });
}
