import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import { messageOf } from '../base/errors.ts';
import { ENGINE_CHOICES, isEngineChoice } from '../base/native/choose.ts';
import { ConfigError } from './errors.ts';
import {
  ConfigErrorCode,
  type ConfigFile,
  type ConfigInput,
  type ConfigSource,
  type ResolvedConfig,
} from './interface.ts';
import { convertText, ENV_PREFIX, type Leaf, leavesOf } from './leaves.ts';
import { type Config, configSchema } from './schema.ts';

/** Settings that name files or folders: relative ones start where they were written. */
const PATH_SETTINGS = new Set([
  'dataDir',
  'api.tokenFile',
  'artifacts.dir',
  'prover.tableDir',
  'ledger.genesis',
  'wallet.passphraseFile',
  'log.file',
]);

/** Variables with our prefix that are not settings: secrets, the file's own place, tests and benches. */
const OTHER_VARIABLES = /^ZKBAZAAR_(?:PASSPHRASE|CONFIG|TOKEN|NODE|NATIVE|(?:TEST|BENCH|FUZZ|CHECK)_[A-Z0-9_]+)$/;

interface Given {
  value: unknown;
  source: ConfigSource;
  base: string;
}

/**
 * Merges defaults, file, environment and flags, weakest first. Reads nothing but its arguments.
 * @throws ConfigError with the setting's path in `where` and its source in the hint.
 */
export function resolveConfig(input: ConfigInput = {}): ResolvedConfig {
  const leaves = leavesOf(configSchema);
  const cwd = input.cwd ?? process.cwd();
  const home = input.home ?? homedir();
  const given = new Map<string, Given>();
  if (input.file !== undefined) readFile(input.file, leaves, given, cwd);
  const warnings = readEnv(input.env ?? {}, leaves, given, cwd);
  readFlags(input.flags ?? {}, leaves, given, cwd);

  const raw: Record<string, unknown> = {};
  for (const [path, { value, base }] of given) {
    assign(raw, path, PATH_SETTINGS.has(path) && typeof value === 'string' ? absolute(value, base, home) : value);
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) throw invalid(parsed.error, given);
  const config = parsed.data;
  config.dataDir = absolute(config.dataDir, cwd, home);
  checkTogether(config);
  const sources: Record<string, ConfigSource> = {};
  for (const leaf of leaves) sources[leaf.path] = given.get(leaf.path)?.source ?? { origin: 'default' };
  return { config, sources, warnings };
}

function readFile(file: ConfigFile, leaves: readonly Leaf[], given: Map<string, Given>, cwd: string): void {
  const where = basename(file.path);
  let tree: unknown;
  try {
    tree = JSON.parse(file.text);
  } catch (error) {
    throw new ConfigError(ConfigErrorCode.FileNotJson, `the config file is not JSON: ${messageOf(error)}`, { where });
  }
  const base = dirname(resolve(cwd, file.path));
  const known = new Set(leaves.map((leaf) => leaf.path));
  const source: ConfigSource = { origin: 'file', name: file.path };
  const walk = (value: unknown, path: string): void => {
    if (known.has(path)) {
      given.set(path, { value, source, base });
      return;
    }
    const isSection = path === '' || leaves.some((leaf) => leaf.path.startsWith(`${path}.`));
    if (!isSection) throw unknown(path, where, leaves);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ConfigError(ConfigErrorCode.InvalidValue, `${path || 'the config file'} must be an object`, { where });
    }
    for (const [key, child] of Object.entries(value)) walk(child, path === '' ? key : `${path}.${key}`);
  };
  walk(tree, '');
}

function readEnv(
  env: Readonly<Record<string, string | undefined>>,
  leaves: readonly Leaf[],
  given: Map<string, Given>,
  base: string,
): string[] {
  const warnings: string[] = [];
  const byVariable = new Map(leaves.map((leaf) => [leaf.variable, leaf]));
  // The short name may be another program's, so a value that is none of ours is no error; our long name goes before it.
  const short = env['ENGINE'];
  if (isEngineChoice(short)) given.set('engine', { value: short, source: { origin: 'env', name: 'ENGINE' }, base });
  else if (short !== undefined && short !== '') warnings.push(`ENGINE is no ${ENGINE_CHOICES.join(', ')}; not used`);
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || text === undefined) continue;
    const leaf = byVariable.get(name);
    if (leaf !== undefined) {
      given.set(leaf.path, { value: convertText(leaf, text), source: { origin: 'env', name }, base });
    } else if (!OTHER_VARIABLES.test(name)) {
      warnings.push(`${name} is no setting; did you mean ${nearest(name, [...byVariable.keys()])}?`);
    }
  }
  return warnings;
}

function readFlags(
  flags: Readonly<Record<string, unknown>>,
  leaves: readonly Leaf[],
  given: Map<string, Given>,
  base: string,
): void {
  for (const [path, raw] of Object.entries(flags)) {
    if (raw === undefined) continue;
    const leaf = leaves.find((candidate) => candidate.path === path);
    if (leaf === undefined) throw unknown(path, 'flags', leaves);
    const value = typeof raw === 'string' ? convertText(leaf, raw) : raw;
    given.set(path, { value, source: { origin: 'flag', name: path }, base });
  }
}

function assign(tree: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? path;
  let node = tree;
  for (const key of keys) {
    node[key] ??= {};
    node = node[key] as Record<string, unknown>;
  }
  node[last] = value;
}

function absolute(path: string, base: string, home: string): string {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return isAbsolute(path) ? path : resolve(base, path);
}

function invalid(error: z.ZodError, given: ReadonlyMap<string, Given>): ConfigError {
  const issue = error.issues[0];
  const segments = issue?.path.map(String) ?? [];
  // List entries carry an index behind the setting's own path.
  const path = given.has(segments.join('.')) ? segments.join('.') : segments.slice(0, -1).join('.');
  const source = given.get(path)?.source;
  return new ConfigError(ConfigErrorCode.InvalidValue, `${segments.join('.')}: ${issue?.message ?? 'invalid'}`, {
    where: segments.join('.'),
    hint: source === undefined ? undefined : `it was set by ${source.origin} ${source.name ?? ''}`.trimEnd(),
  });
}

function unknown(path: string, where: string, leaves: readonly Leaf[]): ConfigError {
  return new ConfigError(ConfigErrorCode.UnknownSetting, `there is no setting ${path}`, {
    where,
    hint: `did you mean ${nearest(
      path,
      leaves.map((leaf) => leaf.path),
    )}?`,
  });
}

const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1|\[::1\])$/;

/** Rules over more than one setting. */
function checkTogether(config: Config): void {
  if (config.api.enabled && !LOOPBACK.test(config.api.host) && !config.api.allowPublicBind) {
    throw new ConfigError(ConfigErrorCode.PublicBind, `api.host ${config.api.host} is reachable from other machines`, {
      where: 'api.host',
      hint: 'bind 127.0.0.1, or set api.allowPublicBind to true and put TLS in front',
    });
  }
  if (config.network.production && config.network.registryKey === null) {
    throw new ConfigError(
      ConfigErrorCode.ProductionNeedsRegistryKey,
      'a production network must pin the key that signs its registry',
      { where: 'network.registryKey', hint: 'set network.registryKey to the 64 hex digits its operator publishes' },
    );
  }
  const open = config.p2p.listen.find((address) => !/^\/(?:ip4\/127\.|ip6\/::1\/)/.test(address));
  if (config.p2p.loopbackTest && (open !== undefined || config.network.production)) {
    throw new ConfigError(
      ConfigErrorCode.LoopbackTest,
      'p2p.loopbackTest switches limits by IP address off, so it goes with loopback listeners and test networks only',
      { where: 'p2p.loopbackTest', hint: 'set p2p.listen to /ip4/127.0.0.1/... addresses' },
    );
  }
}

/** The candidate with the smallest edit distance. */
function nearest(word: string, candidates: readonly string[]): string {
  let best = candidates[0] ?? '';
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= Math.min(a.length, 128); i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
