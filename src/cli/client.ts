import { randomUUID } from 'node:crypto';
import { readTokenFile } from '../api/tokens.ts';
import { messageOf } from '../base/errors.ts';
import type { CliContext } from './context.ts';
import { CliError, CliErrorCode, NodeProblem } from './errors.ts';

/** Creating calls that prove take longest; the node itself gives up before. */
const TIMEOUT_MS = 600_000;

export interface NodeClient {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  /** Creates carry a fresh Idempotency-Key, so that a lost answer can be asked for again. */
  post<T>(path: string, body?: unknown): Promise<T>;
  remove<T>(path: string): Promise<T>;
  /** Server-sent events until the server ends them or the signal aborts. */
  events(path: string): AsyncIterable<{ id: string; event: string; data: unknown }>;
}

/**
 * The running node of this data folder, or the one named by --node / ZKBAZAAR_NODE. The token comes from
 * ZKBAZAAR_TOKEN or the data folder's token file.
 * @throws CliError CLI_BAD_ARGUMENT; ApiError API_TOKEN_FILE. Calls throw CLI_NODE_UNREACHABLE and NodeProblem.
 */
export async function connectNode(context: CliContext): Promise<NodeClient> {
  const { config, paths } = await context.settings();
  const named = context.options.node ?? process.env['ZKBAZAAR_NODE'];
  const url = baseUrl(named ?? `http://${hostForUrl(config.api.host)}:${config.api.port}`);
  const token = process.env['ZKBAZAAR_TOKEN'] ?? (await strongestToken(paths.tokenFile));
  return new HttpClient(url, token, context.signal);
}

/** A node that the caller knows the address and a token of. */
export function clientOf(url: string, token: string, signal: AbortSignal): NodeClient {
  return new HttpClient(url, token, signal);
}

export async function strongestToken(file: string): Promise<string> {
  const tokens = await readTokenFile(file);
  return tokens.toSorted((a, b) => b.scopes.length - a.scopes.length)[0]?.token ?? '';
}

function hostForUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CliError(CliErrorCode.BadArgument, 'the node’s address is no http URL', {
      where: '--node',
      hint: 'such as http://127.0.0.1:4380',
    });
  }
  return url.origin;
}

class HttpClient implements NodeClient {
  readonly url: string;
  readonly #token: string;
  readonly #signal: AbortSignal;

  constructor(url: string, token: string, signal: AbortSignal) {
    this.url = url;
    this.#token = token;
    this.#signal = signal;
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#call<T>('POST', path, body);
  }

  remove<T>(path: string): Promise<T> {
    return this.#call<T>('DELETE', path);
  }

  async *events(path: string): AsyncGenerator<{ id: string; event: string; data: unknown }> {
    const response = await this.#fetch('GET', path, undefined);
    if (!response.ok) throw await problemOf(response);
    let text = '';
    for await (const part of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      text += part;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (field('data') !== '') yield { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
      }
    }
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(method, path, body);
    if (!response.ok) throw await problemOf(response);
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch {
      throw new CliError(CliErrorCode.NodeAnswer, 'the node answered something else than JSON', { where: this.url });
    }
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}`, accept: 'application/json' };
    if (method === 'POST') headers['idempotency-key'] = randomUUID();
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      return await fetch(this.url + path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      const cause = (error as { cause?: unknown }).cause ?? error;
      throw new CliError(CliErrorCode.NodeUnreachable, `no node answers at ${this.url}: ${messageOf(cause)}`, {
        where: this.url,
        hint: 'start it with zkbazaar start, or name it with --node or ZKBAZAAR_NODE',
      });
    }
  }
}

async function problemOf(response: Response): Promise<Error> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (key: string): string | undefined => (typeof body[key] === 'string' ? body[key] : undefined);
  const code = text('code');
  if (code === undefined) {
    return new CliError(
      CliErrorCode.NodeAnswer,
      `the node answered ${response.status}, and not as a zkbazaar node does`,
      {
        where: response.url,
      },
    );
  }
  const where = text('where');
  const hint = text('hint');
  return new NodeProblem(code, text('detail') ?? text('title') ?? 'refused', {
    status: response.status,
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
  });
}
