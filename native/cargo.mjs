/** Finds cargo and runs it: bounded in time, its progress shown, its library's path and last words kept. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { NATIVE_DIR } from './sources.mjs';

const WINDOWS = process.platform === 'win32';
const VERSION_TIMEOUT_MS = 30_000;
/** The end of what the compiler says: enough for its last error. */
const KEPT_CHARACTERS = 16_384;

/** Path and version of the first cargo that runs: CARGO, the search path, then where rustup puts it. */
export function findCargo(env = process.env) {
  const name = WINDOWS ? 'cargo.exe' : 'cargo';
  const onPath = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const folders = [
    ...onPath,
    ...(env.CARGO_HOME ? [join(env.CARGO_HOME, 'bin')] : []),
    join(homedir(), '.cargo', 'bin'),
  ];
  const candidates = [...(env.CARGO ? [env.CARGO] : []), ...folders.map((folder) => join(folder, name))];
  for (const path of new Set(candidates)) {
    if (!existsSync(path)) continue;
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: VERSION_TIMEOUT_MS, env });
    // `cargo 1.95.0 (f2d3ce0bd 2026-03-21)`; a rustup shim without a toolchain fails here.
    const version = /^cargo (\S+)/.exec(stdout ?? '')?.[1];
    if (status === 0 && version !== undefined) return { path, version };
  }
  return undefined;
}

/**
 * Runs cargo in the crate's folder. Resolves always.
 * @param onLine called with each line of its standard output
 * @returns ok; why it failed, one line, in `reason`; whether a signal to us ended it
 */
export function runCargo(cargo, args, { timeoutMs, onLine }) {
  return new Promise((resolve) => {
    const env = { ...process.env };
    if (process.stderr.isTTY) {
      // Piped for its last words, so cargo must be told that there is a terminal to draw on.
      Object.assign(env, { CARGO_TERM_COLOR: 'always', CARGO_TERM_PROGRESS_WHEN: 'always' });
      env.CARGO_TERM_PROGRESS_WIDTH = String(process.stderr.columns ?? 80);
    }
    // A group of its own, so that a timeout ends the compilers too, and not only cargo.
    const child = spawn(cargo, args, { cwd: NATIVE_DIR, env, stdio: ['ignore', 'pipe', 'pipe'], detached: !WINDOWS });
    let said = '';
    let output = '';
    let ended = '';
    const end = (reason) => {
      ended = reason;
      try {
        if (WINDOWS) child.kill();
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(() => end(`it took longer than ${Math.round(timeoutMs / 60_000)} minutes`), timeoutMs);
    const onSignal = () => end('it was interrupted');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
    child.stdout.setEncoding('utf8');
    child.stderr.on('data', (part) => {
      process.stderr.write(part);
      said = (said + part).slice(-KEPT_CHARACTERS);
    });
    child.stdout.on('data', (part) => {
      output += part;
      const lines = output.split('\n');
      output = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    const finish = (ok, reason) => {
      clearTimeout(timer);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, onSignal);
      resolve({ ok, reason, interrupted: ended === 'it was interrupted' });
    };
    child.once('error', (error) => finish(false, error.message));
    child.once('close', (code) => finish(code === 0 && ended === '', ended || lastError(said, code)));
  });
}

/** Paths of cdylibs in one line of `--message-format json`. */
export function librariesIn(line) {
  try {
    const message = JSON.parse(line);
    if (message.reason !== 'compiler-artifact' || !message.target.kind.includes('cdylib')) return [];
    return message.filenames.filter((path) => /\.(?:so|dylib|dll)$/.test(path));
  } catch {
    return [];
  }
}

/** The first `error…` line of what cargo said last, without colours. */
function lastError(said, code) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const lines = said.replace(/\u001b\[[0-9;]*m/g, '').split(/[\r\n]+/);
  const error =
    lines.find((line) => /^\s*error(?:\[|:)/.test(line)) ?? lines.filter((line) => line.trim() !== '').pop();
  return (error ?? `cargo ended with ${code}`).trim().slice(0, 300);
}
