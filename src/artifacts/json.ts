import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';

/**
 * Small readers for the JSON files of this folder. They are few and fixed, and every CLI verb that verifies loads
 * them, so a schema library's start-up time is not worth it here.
 */
export type Fail = (message: string, path: string) => ArtifactError;

/** A failure factory for one file: message plus where in it. */
export function failIn(code: ArtifactErrorCode, file: string): Fail {
  return (message, path) => new ArtifactError(code, message, { where: path === '' ? file : `${file} ${path}` });
}

/** @throws ArtifactError ARTIFACT_FILE_MISSING; `where` is the file's base name with its folder's */
export async function readArtifactFile(path: string, where: string = basename(path)): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ArtifactError(ArtifactErrorCode.FileMissing, `${where} cannot be read (${reason})`, {
      where,
      hint: 'run `npm run circuits:build` and `npm run circuits:setup`, or install the package again',
    });
  }
}

/** Parses UTF-8 JSON. */
export function parseJson(bytes: Uint8Array, fail: Fail): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw fail('not JSON', '');
  }
}

export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #fail: Fail;

  constructor(value: unknown, path: string, fail: Fail) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail('must be an object', path);
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#path = path;
    this.#fail = fail;
  }

  /** Refuses fields other than `names`: an unknown field is a newer format or a typing error, both worth a stop. */
  only(...names: string[]): this {
    const unknown = Object.keys(this.#value).find((name) => !names.includes(name));
    if (unknown !== undefined) throw this.#fail('unknown field', this.#at(unknown));
    return this;
  }

  keys(): string[] {
    return Object.keys(this.#value);
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  text(name: string, pattern: RegExp, meaning: string): string {
    const value = this.#value[name];
    if (typeof value !== 'string' || !pattern.test(value)) throw this.#fail(`must be ${meaning}`, this.#at(name));
    return value;
  }

  integer(name: string, min: number, max: number): number {
    const value = this.#value[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw this.#fail(`must be an integer from ${min} to ${max}`, this.#at(name));
    }
    return value;
  }

  oneOf<T extends string | number>(name: string, allowed: readonly T[]): T {
    const found = allowed.find((item) => item === this.#value[name]);
    if (found === undefined) throw this.#fail(`must be ${allowed.join(' or ')}`, this.#at(name));
    return found;
  }

  object(name: string): Fields {
    return new Fields(this.#value[name], this.#at(name), this.#fail);
  }

  list<T>(name: string, read: (value: unknown, path: string) => T): T[] {
    const value = this.#value[name];
    if (!Array.isArray(value)) throw this.#fail('must be a list', this.#at(name));
    return value.map((item: unknown, index) => read(item, `${this.#at(name)}[${index}]`));
  }

  texts(name: string, pattern: RegExp, meaning: string): string[] {
    return this.list(name, (value, path) => {
      if (typeof value !== 'string' || !pattern.test(value)) throw this.#fail(`must be ${meaning}`, path);
      return value;
    });
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
