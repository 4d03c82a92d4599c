import { join } from 'node:path';
import { CodedError } from '../base/errors.ts';
import { withFileLock } from '../base/file-lock.ts';
import { FileErrorCode, readPrivateFile, removeLeftovers, writePrivateFile } from '../base/private-file.ts';
import { type RegistryIssuer, type RegistryList, registryIssuerSchema, registryListSchema } from '../claims/index.ts';
import { parseObject } from './key-file.ts';

/** Full lists of 262,143 keys have 11 MB each. */
export const MAX_STATE_BYTES = 256 * 1024 * 1024;
/** Publishing hashes whole lists under the lock. */
const LOCK_WAIT_MS = 60_000;

export interface StateIssuer extends RegistryIssuer {
  sequence: number;
}

export interface StateList extends RegistryList {
  source: string;
}

export interface RegistryContentState {
  sequence: number;
  issuers: StateIssuer[];
  lists: StateList[];
}

/** The registry as edited, between publications: one file, replaced as a whole under a lock. */
export class RegistryStateFile {
  readonly #path: string;

  constructor(dir: string) {
    this.#path = join(dir, 'state.json');
  }

  async create(): Promise<void> {
    await this.#write({ sequence: 0, issuers: [], lists: [] });
  }

  /** @throws CodedError FILE_* */
  async read(): Promise<RegistryContentState> {
    const state = parseState((await readPrivateFile(this.#path, MAX_STATE_BYTES)).toString('utf8'));
    if (state !== undefined) return state;
    throw new CodedError(FileErrorCode.Malformed, 'state.json is damaged', { where: 'state.json' });
  }

  /** Runs `change` under the lock and has the state on disk before this resolves. `save` writes in between. */
  async update<T>(change: (state: RegistryContentState, save: () => Promise<void>) => Promise<T> | T): Promise<T> {
    return await withFileLock(
      this.#path,
      async () => {
        await removeLeftovers(this.#path);
        const state = await this.read();
        const result = await change(state, () => this.#write(state));
        await this.#write(state);
        return result;
      },
      LOCK_WAIT_MS,
    );
  }

  async #write(state: RegistryContentState): Promise<void> {
    await writePrivateFile(this.#path, `${JSON.stringify({ v: 1, ...state })}\n`);
  }
}

function parseState(text: string): RegistryContentState | undefined {
  const { v, sequence, issuers, lists } = parseObject(text) ?? {};
  if (v !== 1 || !isSequence(sequence) || !Array.isArray(issuers) || !Array.isArray(lists)) return undefined;
  const readIssuers = issuers.map((item: unknown) => withExtra(item, 'sequence', isSequence, registryIssuerSchema));
  const readLists = lists.map((item: unknown) => withExtra(item, 'source', isText, registryListSchema));
  if (!readIssuers.every((item) => item !== undefined) || !readLists.every((item) => item !== undefined))
    return undefined;
  return { sequence, issuers: readIssuers, lists: readLists };
}

/** An item of the claims folder's shape, with one field of ours beside it. */
function withExtra<Item extends object, Key extends string, Extra>(
  value: unknown,
  key: Key,
  isExtra: (extra: unknown) => extra is Extra,
  schema: { safeParse(input: unknown): { success: true; data: Item } | { success: false } },
): (Item & Record<Key, Extra>) | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { [key]: extra, ...rest } = value as Record<string, unknown>;
  const item = schema.safeParse(rest);
  if (!item.success || !isExtra(extra)) return undefined;
  return { ...item.data, [key]: extra } as Item & Record<Key, Extra>;
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}
