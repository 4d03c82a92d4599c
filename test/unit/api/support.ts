import { type ApiToken, createApi } from '../../../src/api/index.ts';
import { createFakeNode, type FakeNode } from './fake-node.ts';

export const TOKENS: readonly ApiToken[] = [
  { name: 'read', scopes: ['read'], token: `zkb_${'r'.repeat(43)}` },
  { name: 'prove', scopes: ['read', 'prove'], token: `zkb_${'p'.repeat(43)}` },
  { name: 'admin', scopes: ['read', 'prove', 'admin'], token: `zkb_${'a'.repeat(43)}` },
];

export type Role = 'read' | 'prove' | 'admin' | 'nobody';

export function bearer(role: Role): Record<string, string> {
  const token = TOKENS.find(({ name }) => name === role)?.token;
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: AnswerBody;
}

/** The fields that tests look into, of whichever answer has them. */
export interface AnswerBody {
  code: string;
  status: number;
  hint: string;
  faults: { where: string; message: string }[];
  shortfalls: unknown[] | null;
  checks: { ok: boolean }[];
  result?: unknown;
}

export interface TestApi {
  node: FakeNode;
  unexpected: unknown[];
  call(method: string, url: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  as?: Role;
  body?: unknown;
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

/** An app over a fake node, called as the admin unless told otherwise. */
export async function createTestApi(flags: Record<string, unknown> = {}): Promise<TestApi> {
  const node = createFakeNode(flags);
  const unexpected: unknown[] = [];
  const app = await createApi(node, {
    settings: node.config.api,
    tokens: TOKENS,
    onUnexpected: ({ error }) => unexpected.push(error),
  });
  return {
    node,
    unexpected,
    async call(method, url, { as = 'admin', body, raw, headers = {} } = {}) {
      const response = await app.inject({
        method: method as 'GET',
        url,
        headers: {
          ...bearer(as),
          ...(body === undefined && raw === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        ...(raw === undefined ? {} : { payload: raw }),
      });
      const isJson = String(response.headers['content-type'] ?? '').includes('json');
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.payload,
        body: (isJson ? JSON.parse(response.payload) : {}) as AnswerBody,
      };
    },
    close: () => app.close(),
  };
}
