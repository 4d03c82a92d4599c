#!/usr/bin/env node
/**
 * The `zkbazaar` command. Plain JavaScript that any Node from 18 on can read: it finds Node 24, which npm installed
 * beside the package (`node-<platform>-<arch>`), and hands over to it. From a checkout it runs the TypeScript as it
 * is; from a packed tarball it runs `dist/`, because Node strips no types inside `node_modules`.
 */
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';

const REQUIRED_MAJOR = 24;
const EXIT_UNUSABLE = 2;

const source = fileURLToPath(new URL('./main.ts', import.meta.url));
const built = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The program file: sources win in a checkout, so that an old `dist/` never runs instead of them. */
function findProgram() {
  if (existsSync(source) && !/[\\/]node_modules[\\/]/.test(source)) return source;
  return existsSync(built) ? built : undefined;
}

/** Path of the Node 24 binary that npm installed with the package. */
function findRuntime() {
  const require = createRequire(import.meta.url);
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  // Two families of npm packages carry Node; Apple silicon is only in the second.
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    try {
      const path = require.resolve(`${name}/package.json`).replace(/package\.json$/, file);
      if (existsSync(path)) return realpathSync(path);
    } catch {
      // Not installed under this name.
    }
  }
  return undefined;
}

function refuse(code, message, hint) {
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message, hint } })}\n`);
  }
  process.stderr.write(`error ${code}: ${message}\n  hint: ${hint}\n`);
  process.exitCode = EXIT_UNUSABLE;
}

/** Runs `program` under another Node: same terminal, same signals, same exit code. */
function handOver(runtime, program) {
  const child = spawn(runtime, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    try {
      process.on(signal, () => child.kill(signal));
    } catch {
      // This platform does not know the signal.
    }
  }
  child.once('error', (error) => {
    refuse('CLI_RUNTIME_FAILED', `Node ${REQUIRED_MAJOR} could not be started: ${error.message}`, 'run npm ci again');
  });
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

const program = findProgram();
const major = Number.parseInt(process.versions.node, 10);
if (program === undefined) {
  refuse('CLI_PROGRAM_MISSING', 'neither src/cli/main.ts nor dist/cli/main.js is there', 'install the package again');
} else if (major >= REQUIRED_MAJOR) {
  // Halves the start of every verb after the first; a read-only temp folder merely turns it off.
  module.enableCompileCache?.();
  const { run } = await import(pathToFileURL(program).href);
  await run(process.argv.slice(2));
} else {
  const runtime = findRuntime();
  if (runtime === undefined) {
    refuse(
      'CLI_RUNTIME_MISSING',
      `zkbazaar needs Node ${REQUIRED_MAJOR}; this is ${process.version} and the package brought none for ` +
        `${process.platform}-${process.arch}`,
      `install with optional dependencies (npm ci --include=optional), or put Node ${REQUIRED_MAJOR} on the path`,
    );
  } else {
    handOver(runtime, fileURLToPath(import.meta.url));
  }
}
