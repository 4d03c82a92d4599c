import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import { CodedError } from './errors.ts';
import { FileErrorCode } from './private-file.ts';

/** Cost of scrypt; r = 8 and p = 1 are fixed. */
export interface ScryptCost {
  /** A power of two. */
  n: number;
}

/** 128 MiB and about half a second a guess (RFC 7914; OWASP's first choice for scrypt). */
export const DEFAULT_SCRYPT: ScryptCost = { n: 2 ** 17 };
/** Shorter passphrases fall to a dictionary whatever scrypt costs. */
export const MIN_PASSPHRASE_LENGTH = 8;
const SCRYPT_R = 8;
const SCRYPT_P = 1;
/** 1 GiB: a file that asks for more is an attack on the reader's memory. */
const MAX_SCRYPT_N = 2 ** 20;
const SALT_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

interface SealedHeader {
  [key: string]: string | number | { [key: string]: string | number };
  format: string;
  version: number;
  kdf: { name: string; n: number; r: number; p: number; salt: string };
  cipher: { name: string; iv: string };
}

/** Holds the key derived from one passphrase and salt; seals any number of times, each with a fresh nonce. */
export interface Sealer {
  /** Hex of the salt: another one in the file means that the passphrase was changed elsewhere. */
  readonly salt: string;
  seal(plaintext: Uint8Array): string;
  /** @throws CodedError FILE_MALFORMED, FILE_UNSUPPORTED_VERSION, FILE_WEAK_KDF, FILE_UNLOCK_FAILED */
  open(text: string): Buffer;
  /** Overwrites the key. */
  close(): void;
}

/**
 * A key for a new sealed file: scrypt, then AES-256-GCM with the whole header authenticated.
 * @param format what the file is, `zkbazaar/wallet`; part of what is authenticated
 */
export async function createSealer(format: string, passphrase: string, cost = DEFAULT_SCRYPT): Promise<Sealer> {
  const salt = randomBytes(SALT_BYTES);
  return new AesSealer(format, salt, cost.n, await deriveKey(passphrase, salt, cost.n));
}

/**
 * Opens a sealed file. A wrong passphrase and a damaged file are one and the same error, found at the same step.
 * @param cost the least cost that is accepted, so that nobody passes off a file that is cheap to guess
 * @throws CodedError as `Sealer.open`
 */
export async function openSealed(
  format: string,
  text: string,
  passphrase: string,
  cost = DEFAULT_SCRYPT,
): Promise<{ sealer: Sealer; plaintext: Buffer }> {
  const { header } = parse(format, text);
  const { n } = header.kdf;
  if (n < cost.n) {
    throw new CodedError(FileErrorCode.WeakKdf, `the file asks for scrypt N=${n}; at least ${cost.n} is accepted`);
  }
  const salt = Buffer.from(header.kdf.salt, 'hex');
  const sealer = new AesSealer(format, salt, n, await deriveKey(passphrase, salt, n));
  try {
    return { sealer, plaintext: sealer.open(text) };
  } catch (error) {
    sealer.close();
    throw error;
  }
}

class AesSealer implements Sealer {
  readonly salt: string;
  readonly #format: string;
  readonly #n: number;
  readonly #key: Buffer;

  constructor(format: string, salt: Uint8Array, n: number, key: Buffer) {
    this.salt = toHex(salt);
    this.#format = format;
    this.#n = n;
    this.#key = key;
  }

  seal(plaintext: Uint8Array): string {
    const iv = randomBytes(IV_BYTES);
    const header: SealedHeader = {
      format: this.#format,
      version: VERSION,
      kdf: { name: 'scrypt', n: this.#n, r: SCRYPT_R, p: SCRYPT_P, salt: this.salt },
      cipher: { name: 'aes-256-gcm', iv: toHex(iv) },
    };
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(utf8(canonicalJson(header)));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return `${JSON.stringify({ ...header, ciphertext: ciphertext.toString('base64') }, null, 2)}\n`;
  }

  open(text: string): Buffer {
    const { header, ciphertext } = parse(this.#format, text);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, Buffer.from(header.cipher.iv, 'hex'))
        .setAAD(utf8(canonicalJson(header)))
        .setAuthTag(ciphertext.subarray(ciphertext.length - TAG_BYTES));
      const head = decipher.update(ciphertext.subarray(0, ciphertext.length - TAG_BYTES));
      try {
        decipher.final();
        return head;
      } catch (error) {
        head.fill(0);
        throw error;
      }
    } catch {
      // The cause is dropped on purpose: OpenSSL's words would tell one failure from another.
      throw new CodedError(FileErrorCode.UnlockFailed, 'wrong passphrase, or the file is damaged');
    }
  }

  close(): void {
    this.#key.fill(0);
  }
}

/** NFKC, so that one passphrase typed on two keyboards is one key. */
async function deriveKey(passphrase: string, salt: Uint8Array, n: number): Promise<Buffer> {
  const secret = Buffer.from(passphrase.normalize('NFKC'), 'utf8');
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      // Twice what scrypt needs; Node refuses to start with less than it needs and a little.
      const maxmem = 256 * n * SCRYPT_R + 65_536;
      scrypt(secret, salt, 32, { N: n, r: SCRYPT_R, p: SCRYPT_P, maxmem }, (error, key) =>
        error === null ? resolve(key) : reject(error),
      );
    });
  } finally {
    secret.fill(0);
  }
}

function parse(format: string, text: string): { header: SealedHeader; ciphertext: Buffer } {
  const malformed = (what: string) => new CodedError(FileErrorCode.Malformed, `not a ${format} file: ${what}`);
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
  if (!isRecord(file) || file['format'] !== format) throw malformed('its format says otherwise');
  if (file['version'] !== VERSION) {
    throw new CodedError(FileErrorCode.UnsupportedVersion, `this build reads version ${VERSION} of ${format} only`);
  }
  const { kdf, cipher, ciphertext } = file;
  if (!isRecord(kdf) || !isRecord(cipher) || typeof ciphertext !== 'string') throw malformed('a part is missing');
  const { n, salt } = kdf;
  if (kdf['name'] !== 'scrypt' || kdf['r'] !== SCRYPT_R || kdf['p'] !== SCRYPT_P) throw malformed('unknown kdf');
  if (typeof n !== 'number' || !Number.isInteger(Math.log2(n)) || n < 2 || n > MAX_SCRYPT_N)
    throw malformed('kdf cost');
  if (typeof salt !== 'string' || fromHex(salt, SALT_BYTES) === undefined) throw malformed('salt');
  const iv = cipher['iv'];
  if (cipher['name'] !== 'aes-256-gcm' || typeof iv !== 'string' || fromHex(iv, IV_BYTES) === undefined) {
    throw malformed('unknown cipher');
  }
  const bytes = Buffer.from(ciphertext, 'base64');
  if (bytes.toString('base64') !== ciphertext || bytes.length < TAG_BYTES) throw malformed('ciphertext');
  return {
    header: {
      format,
      version: VERSION,
      kdf: { name: 'scrypt', n, r: SCRYPT_R, p: SCRYPT_P, salt },
      cipher: { name: 'aes-256-gcm', iv },
    },
    ciphertext: bytes,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
