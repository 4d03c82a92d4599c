import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { sha256, utf8 } from '../base/bytes.ts';
import { isCodedError, messageOf } from '../base/errors.ts';
import { FileErrorCode, readPrivateFile, writePrivateFile } from '../base/private-file.ts';
import { ApiErrorCode } from './codes.ts';
import { ApiError } from './errors.ts';

/** `read`: look; `prove`: act for the holder (prove, publish, trade); `admin`: change the node. Each includes the ones before. */
export const SCOPES = ['read', 'prove', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const PREFIX = 'zkb_';
/** 256 bits: nobody guesses it, so the file may hold it as it is and needs no slow hash. */
const TOKEN_BYTES = 32;
const MAX_FILE_BYTES = 65_536;

const tokenFileSchema = z.strictObject({
  version: z.literal(1),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        scopes: z.array(z.enum(SCOPES)).min(1).max(3),
        token: z.string().regex(/^zkb_[A-Za-z0-9_-]{43}$/),
      }),
    )
    .min(1)
    .max(64)
    // Idempotency keys are kept apart by the name.
    .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, 'names must differ'),
});

export interface ApiToken {
  name: string;
  scopes: readonly Scope[];
  token: string;
}

export interface Caller {
  name: string;
  scopes: ReadonlySet<Scope>;
}

/**
 * Reads the token file; creates it (mode 0600) with one token a scope where there is none.
 * @throws ApiError API_TOKEN_FILE if others may read it or it is not what we wrote
 */
export async function openTokenFile(path: string): Promise<readonly ApiToken[]> {
  try {
    return await readTokenFile(path);
  } catch (error) {
    if (!(error instanceof ApiError && codeOf(error.cause) === FileErrorCode.NotFound)) throw error;
  }
  const tokens: ApiToken[] = SCOPES.map((scope, index) => ({
    name: scope,
    scopes: SCOPES.slice(0, index + 1),
    token: PREFIX + randomBytes(TOKEN_BYTES).toString('base64url'),
  }));
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writePrivateFile(path, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`);
  } catch (error) {
    throw refusal(
      path,
      `the token file cannot be written: ${messageOf(error)}`,
      'check the data folder and its rights',
    );
  }
  return tokens;
}

/** @throws ApiError API_TOKEN_FILE */
export async function readTokenFile(path: string): Promise<readonly ApiToken[]> {
  const bytes = await readPrivateFile(path, MAX_FILE_BYTES).catch((cause: unknown) => {
    const hint =
      isCodedError(cause) && cause.hint !== undefined ? cause.hint : 'start the node once, or check --data-dir';
    throw refusal(path, `the token file cannot be read: ${messageOf(cause)}`, hint, cause);
  });
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8'));
  } catch {
    // A JSON error quotes what it read, which would be a token.
    throw refusal(path, 'the token file is not JSON', 'delete it; a new one is made on start');
  }
  const parsed = tokenFileSchema.safeParse(content);
  if (!parsed.success)
    throw refusal(path, 'the token file has the wrong shape', 'delete it; a new one is made on start');
  return parsed.data.tokens;
}

function refusal(path: string, message: string, hint: string, cause?: unknown): ApiError {
  return new ApiError(ApiErrorCode.TokenFile, message, { where: basename(path), hint, cause });
}

function codeOf(error: unknown): string | undefined {
  return isCodedError(error) ? error.code : undefined;
}

/** Finds who a bearer token belongs to; takes the same time whichever it is, and whether it is any. */
export function createAuthenticator(tokens: readonly ApiToken[]): (presented: string) => Caller | undefined {
  const known = tokens.map((token) => ({
    digest: sha256(utf8(token.token)),
    caller: { name: token.name, scopes: new Set(token.scopes) },
  }));
  return (presented) => {
    const digest = sha256(utf8(presented));
    let found: Caller | undefined;
    for (const token of known) if (timingSafeEqual(token.digest, digest)) found = token.caller;
    return found;
  };
}
