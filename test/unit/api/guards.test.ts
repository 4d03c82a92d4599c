import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createTestApi, type TestApi, TOKENS } from './support.ts';

describe('API guards', () => {
  let api: TestApi;
  before(async () => {
    api = await createTestApi({
      'api.corsOrigins': 'https://shop.example',
      'api.allowedHosts': 'node.lan',
    });
  });
  after(() => api.close());

  it('answers health without a token', async () => {
    assert.equal((await api.call('GET', '/v1/health/live', { as: 'nobody' })).status, 200);
    assert.equal((await api.call('GET', '/v1/health/ready', { as: 'nobody' })).status, 200);
  });

  it('refuses a missing, malformed or unknown token with 401 and a challenge', async () => {
    for (const authorization of [
      undefined,
      'Bearer',
      'Bearer x',
      `Basic ${TOKENS[0]?.token}`,
      `Bearer ${TOKENS[0]?.token}x`,
    ]) {
      const answer = await api.call('GET', '/v1/node', {
        as: 'nobody',
        headers: authorization === undefined ? {} : { authorization },
      });
      assert.equal(answer.status, 401, String(authorization));
      assert.equal(answer.body.code, 'API_UNAUTHENTICATED');
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
    }
  });

  it('holds each route to its scope', async () => {
    assert.equal((await api.call('GET', '/v1/node', { as: 'read' })).status, 200);
    assert.equal((await api.call('GET', '/v1/credentials', { as: 'read' })).status, 403);
    assert.equal((await api.call('GET', '/v1/credentials', { as: 'prove' })).status, 200);
    const refused = await api.call('POST', '/v1/peers', { as: 'prove', body: { address: '/ip4/127.0.0.1/tcp/1' } });
    assert.equal(refused.status, 403);
    assert.equal(refused.body.code, 'API_FORBIDDEN');
    const allowed = await api.call('POST', '/v1/peers', { as: 'admin', body: { address: '/ip4/127.0.0.1/tcp/1' } });
    assert.equal(allowed.status, 201);
  });

  it('tells a read token nothing of what the wallet lacks', async () => {
    const body = { policy: 'balance(EUR) >= 1200' };
    assert.equal((await api.call('POST', '/v1/policies/check', { as: 'read', body })).body.shortfalls, null);
    assert.equal((await api.call('POST', '/v1/policies/check', { as: 'prove', body })).body.shortfalls?.length, 1);
  });

  it('refuses a foreign Host, whatever it looks like (DNS rebinding)', async () => {
    for (const host of [
      'evil.example',
      'evil.example:4380',
      '127.0.0.1.evil.example',
      '127.0.0.1:4380@evil',
      '0.0.0.0',
    ]) {
      const answer = await api.call('GET', '/v1/health/live', { headers: { host } });
      assert.equal(answer.status, 403, host);
      assert.equal(answer.body.code, 'API_HOST_REFUSED');
    }
    for (const host of ['127.0.0.1', '127.0.0.1:4380', 'localhost:1', 'LOCALHOST', '[::1]:4380', 'node.lan:80']) {
      assert.equal((await api.call('GET', '/v1/health/live', { headers: { host } })).status, 200, host);
    }
  });

  it('refuses a foreign Origin, takes its own and listed ones', async () => {
    const host = '127.0.0.1:4380';
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:9999']) {
      const answer = await api.call('GET', '/v1/node', { headers: { host, origin } });
      assert.equal(answer.status, 403, origin);
      assert.equal(answer.body.code, 'API_ORIGIN_REFUSED');
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    assert.equal((await api.call('GET', '/v1/node', { headers: { host, origin: `http://${host}` } })).status, 200);
    const listed = await api.call('GET', '/v1/node', { headers: { host, origin: 'https://shop.example' } });
    assert.equal(listed.status, 200);
    assert.equal(listed.headers['access-control-allow-origin'], 'https://shop.example');
  });

  it('answers a listed origin’s preflight without a token, and no other’s', async () => {
    const preflight = { 'access-control-request-method': 'POST' };
    const listed = await api.call('OPTIONS', '/v1/proofs', {
      as: 'nobody',
      headers: { ...preflight, origin: 'https://shop.example' },
    });
    assert.equal(listed.status, 204);
    assert.match(String(listed.headers['access-control-allow-headers']), /authorization/);
    const foreign = await api.call('OPTIONS', '/v1/proofs', {
      as: 'nobody',
      headers: { ...preflight, origin: 'https://evil.example' },
    });
    assert.equal(foreign.status, 403);
  });

  it('sends no answer that a page could sniff, frame or cache', async () => {
    const { headers } = await api.call('GET', '/v1/node');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-frame-options'], 'DENY');
  });
});
