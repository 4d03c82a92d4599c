import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ConfigError,
  ConfigErrorCode,
  configSchema,
  dataPaths,
  leavesOf,
  loadConfig,
  resolveConfig,
} from '../../../src/config/index.ts';

const at = { home: '/home/u', cwd: '/cwd' };

function codeOf(work: () => unknown): { code: string; where: string | undefined; hint: string | undefined } {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return { code: error.code, where: error.where, hint: error.hint };
  }
  return assert.fail('nothing was thrown');
}

test('defaults stand alone, and each says that it is one', () => {
  const { config, sources, warnings } = resolveConfig(at);
  assert.equal(config.api.host, '127.0.0.1');
  assert.equal(config.api.port, 4380);
  assert.equal(config.dataDir, '/home/u/.zkbazaar');
  assert.equal(config.network.name, 'local');
  assert.deepEqual(new Set(Object.values(sources).map((source) => source.origin)), new Set(['default']));
  assert.deepEqual(warnings, []);
});

test('flags stand above environment, environment above file, file above default', () => {
  const file = {
    path: '/etc/z.json',
    text: '{"api":{"port":1,"host":"127.0.0.2"},"prover":{"queue":3},"log":{"level":"warn"}}',
  };
  const env = { ZKBAZAAR_API_PORT: '2', ZKBAZAAR_PROVER_QUEUE: '4' };
  const { config, sources } = resolveConfig({
    ...at,
    file,
    env,
    flags: { 'api.port': '5', 'prover.queue': undefined },
  });
  assert.equal(config.api.port, 5);
  assert.equal(config.prover.queue, 4);
  assert.equal(config.api.host, '127.0.0.2');
  assert.deepEqual(sources['api.port'], { origin: 'flag', name: 'api.port' });
  assert.deepEqual(sources['prover.queue'], { origin: 'env', name: 'ZKBAZAAR_PROVER_QUEUE' });
  assert.deepEqual(sources['log.level'], { origin: 'file', name: '/etc/z.json' });
  assert.deepEqual(sources['api.bodyLimitBytes'], { origin: 'default' });
});

test('every setting can be given by its environment variable, and no two share one', () => {
  const leaves = leavesOf(configSchema);
  assert.ok(leaves.length > 30);
  assert.equal(new Set(leaves.map((leaf) => leaf.variable)).size, leaves.length);
  const { sources } = resolveConfig(at);
  assert.deepEqual(Object.keys(sources).sort(), leaves.map((leaf) => leaf.path).sort());
});

test('text converts to what the setting wants', () => {
  const env = {
    ZKBAZAAR_P2P_LISTEN: '/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2/ws',
    ZKBAZAAR_P2P_MDNS: 'true',
    ZKBAZAAR_P2P_BOOTSTRAP: '',
    ZKBAZAAR_NETWORK_REGISTRY_KEY: 'ab'.repeat(32),
    ZKBAZAAR_LOG_FILE: 'logs/z.log',
  };
  const { config } = resolveConfig({ ...at, env });
  assert.deepEqual(config.p2p.listen, ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2/ws']);
  assert.equal(config.p2p.mdns, true);
  assert.deepEqual(config.p2p.bootstrap, []);
  assert.equal(config.network.registryKey, 'ab'.repeat(32));
  assert.equal(config.log.file, '/cwd/logs/z.log');
});

test('relative paths in a file start from its folder', () => {
  const file = { path: '/etc/zk/z.json', text: '{"dataDir":"data","wallet":{"passphraseFile":"~/pass"}}' };
  const { config } = resolveConfig({ ...at, file });
  assert.equal(config.dataDir, '/etc/zk/data');
  assert.equal(config.wallet.passphraseFile, '/home/u/pass');
});

const refusals: [string, () => unknown, string, string | undefined][] = [
  [
    'text for a number',
    () => resolveConfig({ ...at, env: { ZKBAZAAR_API_PORT: 'x' } }),
    ConfigErrorCode.InvalidValue,
    'api.port',
  ],
  [
    'a port above 65535',
    () => resolveConfig({ ...at, flags: { 'api.port': 65536 } }),
    ConfigErrorCode.InvalidValue,
    'api.port',
  ],
  [
    'a hex number',
    () => resolveConfig({ ...at, env: { ZKBAZAAR_API_PORT: '0x10' } }),
    ConfigErrorCode.InvalidValue,
    'api.port',
  ],
  [
    'an entry of a list',
    () => resolveConfig({ ...at, flags: { 'p2p.listen': ['/ip4/127.0.0.1/tcp/1', 'no'] } }),
    ConfigErrorCode.InvalidValue,
    'p2p.listen.1',
  ],
  [
    'an unknown flag',
    () => resolveConfig({ ...at, flags: { 'api.prot': 1 } }),
    ConfigErrorCode.UnknownSetting,
    'flags',
  ],
  [
    'an unknown key of the file',
    () => resolveConfig({ ...at, file: { path: '/e/z.json', text: '{"api":{"prot":1}}' } }),
    ConfigErrorCode.UnknownSetting,
    'z.json',
  ],
  [
    'a prototype key of the file',
    () => resolveConfig({ ...at, file: { path: '/e/z.json', text: '{"__proto__":{"port":1}}' } }),
    ConfigErrorCode.UnknownSetting,
    'z.json',
  ],
  [
    'a section that is no object',
    () => resolveConfig({ ...at, file: { path: '/e/z.json', text: '{"api":3}' } }),
    ConfigErrorCode.InvalidValue,
    'z.json',
  ],
  [
    'a file that is a list',
    () => resolveConfig({ ...at, file: { path: '/e/z.json', text: '[]' } }),
    ConfigErrorCode.InvalidValue,
    'z.json',
  ],
  [
    'a file that is no JSON',
    () => resolveConfig({ ...at, file: { path: '/e/z.json', text: '{' } }),
    ConfigErrorCode.FileNotJson,
    'z.json',
  ],
  [
    'a public API without acknowledgement',
    () => resolveConfig({ ...at, flags: { 'api.host': '0.0.0.0' } }),
    ConfigErrorCode.PublicBind,
    'api.host',
  ],
  [
    'an API host that only looks like loopback',
    () => resolveConfig({ ...at, flags: { 'api.host': '127.0.0.1.evil.example' } }),
    ConfigErrorCode.PublicBind,
    'api.host',
  ],
  [
    'production without a registry key',
    () => resolveConfig({ ...at, flags: { 'network.production': true } }),
    ConfigErrorCode.ProductionNeedsRegistryKey,
    'network.registryKey',
  ],
  [
    'loopback tuning on open listeners',
    () => resolveConfig({ ...at, flags: { 'p2p.loopbackTest': true } }),
    ConfigErrorCode.LoopbackTest,
    'p2p.loopbackTest',
  ],
  [
    'a network name with a slash',
    () => resolveConfig({ ...at, flags: { 'network.name': 'a/b' } }),
    ConfigErrorCode.InvalidValue,
    'network.name',
  ],
];

for (const [name, work, code, where] of refusals) {
  test(`refused with code and place: ${name}`, () => {
    const error = codeOf(work);
    assert.equal(error.code, code);
    assert.equal(error.where, where);
  });
}

test('an error says who set the value, and the nearest name for a wrong one', () => {
  assert.match(
    codeOf(() => resolveConfig({ ...at, env: { ZKBAZAAR_API_PORT: 'x' } })).hint ?? '',
    /env ZKBAZAAR_API_PORT/,
  );
  assert.match(codeOf(() => resolveConfig({ ...at, flags: { 'api.prot': 1 } })).hint ?? '', /api\.port/);
});

test('an unknown variable warns, our other variables do not', () => {
  const env = { ZKBAZAAR_APIPORT: '1', ZKBAZAAR_PASSPHRASE: 'secret', ZKBAZAAR_TEST_SIZE: '1', OTHER: 'x' };
  const { warnings } = resolveConfig({ ...at, env });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /ZKBAZAAR_APIPORT.*ZKBAZAAR_API_PORT/);
});

test('loadConfig finds the file of the data folder, and reads a named one first', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'zkb-config-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const env = { ZKBAZAAR_DATA_DIR: dir };
  assert.equal(loadConfig({ env }).config.api.port, 4380);
  writeFileSync(join(dir, 'zkbazaar.config.json'), '{"api":{"port":7}}');
  assert.equal(loadConfig({ env }).config.api.port, 7);
  writeFileSync(join(dir, 'other.json'), '{"api":{"port":8}}');
  assert.equal(loadConfig({ env: { ...env, ZKBAZAAR_CONFIG: join(dir, 'other.json') } }).config.api.port, 8);
  assert.equal(loadConfig({ env, configPath: join(dir, 'other.json') }).config.api.port, 8);
  const missing = codeOf(() => loadConfig({ env, configPath: join(dir, 'none.json') }));
  assert.deepEqual([missing.code, missing.where], [ConfigErrorCode.FileUnreadable, 'none.json']);
  mkdirSync(join(dir, '.zkbazaar'));
  writeFileSync(join(dir, '.zkbazaar', 'zkbazaar.config.json'), '{"dataDir":"elsewhere"}');
  assert.equal(codeOf(() => loadConfig({ home: dir })).where, 'dataDir');
});

test('a data folder file that repeats its own folder is fine', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'zkb-config-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'zkbazaar.config.json'), JSON.stringify({ dataDir: dir }));
  const { config } = loadConfig({ flags: { dataDir: dir } });
  assert.equal(dataPaths(config).storeFile, join(dir, 'store.sqlite'));
  assert.equal(dataPaths(config).tokenFile, join(dir, 'api-tokens.json'));
});

test('docs/configuration.md names every setting with its variable and default, and no other', () => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w.]+)` \| `(\w+)` \| `(.*?)` \|/gm)].map(([, ...cells]) => cells.join(' '));
  const { config } = resolveConfig(at);
  const expected = leavesOf(configSchema).map(({ path, variable }) => {
    const value = path.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], config);
    const shown = path === 'dataDir' ? '~/.zkbazaar' : JSON.stringify(value).replaceAll('"', '');
    return [path, variable, shown].join(' ');
  });
  assert.deepEqual(rows, expected);
});

test('any file, variable and flag is taken or refused with a code', () => {
  const paths = leavesOf(configSchema);
  const leaf = fc.constantFrom(...paths);
  const value = fc.oneof(fc.jsonValue(), fc.string(), fc.integer().map(String));
  const nested = fc.dictionary(fc.constantFrom('api', 'p2p', 'log', 'port', 'level', 'toString'), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.jsonValue().map((v) => JSON.stringify(v)),
        nested.map((v) => JSON.stringify(v)),
      ),
      leaf,
      leaf,
      value,
      fc.string(),
      (text, one, two, flag, env) => {
        try {
          const { sources } = resolveConfig({
            ...at,
            file: { path: '/e/z.json', text },
            env: { [one.variable]: env },
            flags: { [two.path]: flag },
          });
          assert.equal(Object.keys(sources).length, paths.length);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('ENGINE chooses the engine below ZKBAZAAR_ENGINE and flags; a value that is not ours is left to others', () => {
  const engine = (env: Record<string, string>, flags = {}) => resolveConfig({ ...at, env, flags });
  assert.equal(engine({}).config.engine, 'auto');
  assert.equal(engine({ ENGINE: 'wasm' }).config.engine, 'wasm');
  assert.deepEqual(engine({ ENGINE: 'wasm' }).sources['engine'], { origin: 'env', name: 'ENGINE' });
  assert.equal(engine({ ENGINE: 'wasm', ZKBAZAAR_ENGINE: 'native' }).config.engine, 'native');
  assert.equal(engine({ ENGINE: 'wasm' }, { engine: 'native' }).config.engine, 'native');
  const foreign = engine({ ENGINE: 'innodb' });
  assert.deepEqual([foreign.config.engine, foreign.warnings.length], ['auto', 1]);
  assert.equal(codeOf(() => engine({ ZKBAZAAR_ENGINE: 'innodb' })).code, ConfigErrorCode.InvalidValue);
});
