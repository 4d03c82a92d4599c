import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CATALOGUE, FAMILIES, kindOf } from '../../../src/api/index.ts';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { createTestApi, type TestApi } from './support.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { security?: unknown[]; summary?: string; responses: Record<string, unknown> }>>;
  components: { schemas: Record<string, unknown> };
}

describe('API documents', () => {
  let api: TestApi;
  let page: string;
  before(async () => {
    api = await createTestApi();
    page = await readFile(join(PACKAGE_ROOT, 'docs', 'api.md'), 'utf8');
  });
  after(() => api.close());

  it('describes every route as OpenAPI 3.1, with problems for failures', async () => {
    const answer = await api.call('GET', '/openapi.json', { as: 'nobody' });
    const document = JSON.parse(answer.text) as Document;
    assert.match(document.openapi, /^3\.1/);
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    assert.ok(routes.length >= 40, String(routes.length));
    for (const { path, method, operation } of routes) {
      assert.ok(operation.summary, `${method} ${path}`);
      if (path.startsWith('/v1/health')) continue;
      assert.ok('4XX' in operation.responses || '4xx' in operation.responses, `${method} ${path}`);
      assert.deepEqual(operation.security, [{ token: [] }], `${method} ${path}`);
    }
    for (const reference of answer.text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      assert.ok(reference[1] !== undefined && reference[1] in document.components.schemas, reference[1]);
    }
  });

  it('lists every route in docs/api.md', async () => {
    const document = JSON.parse((await api.call('GET', '/openapi.json')).text) as Document;
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) {
        assert.ok(page.includes(`| ${method.toUpperCase()} | \`${path}\` |`), `${method.toUpperCase()} ${path}`);
      }
    }
  });

  it('shows a reference page that loads nothing from elsewhere', async () => {
    const answer = await api.call('GET', '/docs/', { as: 'nobody' });
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/);
    assert.doesNotMatch(answer.text, /(?:src|href)="https?:/);
    const script = /src="([^"]+)"/.exec(answer.text)?.[1] ?? '';
    const loaded = await api.call('GET', new URL(script, 'http://localhost/docs/').pathname, { as: 'nobody' });
    assert.equal(loaded.status, 200);
    assert.match(String(loaded.headers['content-type']), /javascript/);
  });

  it('keeps docs/api.md in step with the catalogue', () => {
    for (const [code, { status, title }] of Object.entries(CATALOGUE)) {
      assert.ok(page.includes(`| \`${code}\` | ${status} | ${title} |`), `${code} ${status} ${title}`);
    }
    for (const [family, { status, title }] of Object.entries(FAMILIES)) {
      assert.ok(page.includes(`| \`${family}_*\` | ${status} | ${title} |`), `${family}_* ${status} ${title}`);
    }
    for (const [, code] of page.matchAll(/^\| `([A-Z]+_[A-Z0-9_]+)` \|/gm)) {
      assert.ok(code !== undefined && code in CATALOGUE, `${code} is in docs/api.md alone`);
    }
  });

  it('has a meaning for every code that any folder below raises', async () => {
    const files = (await readdir(join(PACKAGE_ROOT, 'src'), { recursive: true })).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('cli'),
    );
    const seen = new Set<string>();
    for (const file of files) {
      const text = await readFile(join(PACKAGE_ROOT, 'src', file), 'utf8');
      for (const [, body] of text.matchAll(/export const \w*ErrorCode = \{([\s\S]*?)\} as const/g)) {
        for (const [, code] of (body ?? '').matchAll(/'([A-Z][A-Z0-9_]+)'/g)) if (code !== undefined) seen.add(code);
      }
    }
    assert.ok(seen.size > 60, String(seen.size));
    const unknown = [...seen].filter((code) => !code.startsWith('API_') && !kindOf(code));
    assert.deepEqual(unknown, []);
  });
});
