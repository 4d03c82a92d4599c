/**
 * Makes the native addon ready, as the `install` script of `npm ci`:
 *
 *   1. the addon that is there, if it was made from these very sources;
 *   2. a prebuilt one for this platform, if the package brings one of these sources and it loads here;
 *   3. `cargo build --release --locked`, if cargo is there;
 *   4. none: the WASM engines do the work, with the same results.
 *
 * Never fails an install: it says in a line what happened, and writes it to `build-status.json` for `zkbazaar doctor`.
 * `ZKBAZAAR_NATIVE=off` skips it; `ZKBAZAAR_NATIVE=required` makes 4 an error.
 *
 *   node native/build.mjs            as above
 *   node native/build.mjs --pack     puts the addon that is there into prebuilt/, for `npm pack`
 *   node native/build.mjs --check    formatting, lints and tests of the crate, for CI
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { findCargo, librariesIn, runCargo } from './cargo.mjs';
import {
  ADDON,
  fileHash,
  isCurrent,
  MANIFEST,
  missingCpuFlags,
  PREBUILT,
  PREBUILT_NOTE,
  readNote,
  replaceFile,
  STATUS,
  sourcesHash,
} from './sources.mjs';

/** Two cores need a minute and a half; a slow board ten times as long is given up on. */
const TIMEOUT_MS = 15 * 60_000;
const LOAD_TIMEOUT_MS = 30_000;
const FALLBACK = 'the WASM engines are used: same results, several times slower';
const INSTALL_CARGO = 'for native speed install Rust (rustup) and run: npm run native:build';

/** To standard error: `npm pack --json` owns standard output. */
const say = (text) => process.stderr.write(`zkbazaar native: ${text}\n`);

function setStatus(outcome, details) {
  const status = { outcome, at: new Date().toISOString(), ...details };
  try {
    replaceFile(STATUS, `${JSON.stringify(status, null, 2)}\n`);
  } catch (error) {
    say(`build-status.json could not be written: ${error.message}`);
  }
}

/** Whether a file loads as an addon, tried in a process of its own: one of another libc or CPU may crash its process. */
function loadError(path) {
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ['-e', 'process.dlopen({ exports: {} }, process.argv[1])', path],
    {
      encoding: 'utf8',
      timeout: LOAD_TIMEOUT_MS,
    },
  );
  if (status === 0) return undefined;
  const line = stderr.split('\n').find((text) => /^(?:\w*Error|Error)\b/.test(text));
  return signal === null ? (line ?? `exit code ${status}`).slice(0, 300) : `it ends its process with ${signal}`;
}

function keep(library, sources) {
  const content = readFileSync(library);
  replaceFile(ADDON, content);
  return { file: basename(ADDON), sources, sha256: fileHash(ADDON) };
}

/** Whether this CPU can run what `note` describes. */
const runsHere = (note) => note.portable === true || missingCpuFlags().length === 0;

function usePrebuilt(sources) {
  const note = readNote(PREBUILT_NOTE);
  if (!existsSync(PREBUILT)) return false;
  if (!runsHere(note)) {
    say(`the prebuilt addon needs a CPU with ${missingCpuFlags().join(', ')}; not used`);
    return false;
  }
  if (!isCurrent(PREBUILT, note, sources)) {
    say('the prebuilt addon is of other sources; not used');
    return false;
  }
  const error = loadError(PREBUILT);
  if (error !== undefined) {
    say(`the prebuilt addon does not load here: ${error}`);
    return false;
  }
  setStatus('prebuilt', { ...keep(PREBUILT, sources), portable: note.portable === true });
  say(`prebuilt for ${process.platform}-${process.arch}`);
  return true;
}

/** @returns whether an addon of these sources stands ready */
async function build() {
  const sources = sourcesHash();
  const before = readNote(STATUS);
  if (process.env.ZKBAZAAR_NATIVE === 'off') {
    setStatus('off', { reason: 'ZKBAZAAR_NATIVE=off' });
    say(`not built (ZKBAZAAR_NATIVE=off); ${FALLBACK}`);
    return true;
  }
  if (sources === undefined) return none('no-sources', 'the sources of the addon are not in this package');
  if (isCurrent(ADDON, before, sources) && runsHere(before)) {
    say('up to date');
    return true;
  }
  if (usePrebuilt(sources)) return true;
  const cargo = findCargo();
  if (cargo === undefined) return none('no-cargo', 'cargo was not found', {}, INSTALL_CARGO);
  const lacking = missingCpuFlags();
  const portable = lacking.length > 0;
  say(`building with cargo ${cargo.version}, a minute or two${portable ? `; without ${lacking.join(', ')}` : ''}`);
  // Goes before the flags of .cargo/config.toml, which are for CPUs that have all of them.
  if (portable) process.env.RUSTFLAGS ??= '-C target-cpu=x86-64';
  const started = Date.now();
  const args = ['build', '--release', '--locked', '--message-format', 'json-render-diagnostics'];
  let library;
  const { ok, reason, interrupted } = await runCargo(cargo.path, args, {
    timeoutMs: TIMEOUT_MS,
    onLine: (line) => {
      library = librariesIn(line)[0] ?? library;
    },
  });
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  const details = { cargo: cargo.version, seconds };
  if (interrupted) process.exitCode = 130;
  if (!ok) return none('failed', reason, details);
  if (library === undefined) return none('failed', 'cargo made no library', details);
  const error = loadError(library);
  if (error !== undefined) return none('failed', `the library does not load: ${error}`, details);
  setStatus('built', { ...keep(library, sources), ...details, portable });
  say(`built in ${seconds} s`);
  return true;
}

/** Without an addon. An old one goes too: it may lack what its sources have mended since. */
function none(outcome, reason, details = {}, hint = undefined) {
  // A developer whose crate does not compile just now keeps the last one that did.
  if (process.env.npm_lifecycle_event === 'install') rmSync(ADDON, { force: true });
  setStatus(outcome, { reason, ...details });
  say(`${outcome === 'failed' ? 'build failed' : 'not built'}: ${reason}`);
  say(hint === undefined ? FALLBACK : `${FALLBACK}; ${hint}`);
  return false;
}

/** For `npm pack`: what was built here for this platform goes along, bound to its sources. */
function pack() {
  const sources = sourcesHash();
  for (const path of [PREBUILT, PREBUILT_NOTE]) rmSync(path, { force: true });
  if (sources === undefined || !isCurrent(ADDON, readNote(STATUS), sources)) {
    say('no up-to-date addon is here, so none is packed');
    return;
  }
  mkdirSync(dirname(PREBUILT), { recursive: true });
  copyFileSync(ADDON, PREBUILT);
  const { portable } = readNote(STATUS);
  replaceFile(PREBUILT_NOTE, `${JSON.stringify({ sources, sha256: fileHash(PREBUILT), portable })}\n`);
  say(`packed for ${process.platform}-${process.arch}`);
}

/** @returns whether the crate passed, or could not be looked at here */
async function check() {
  const cargo = existsSync(MANIFEST) ? findCargo() : undefined;
  if (cargo === undefined) {
    say('NATIVE NOT CHECKED: cargo was not found, so format, lints and tests of the crate were not run');
    return process.env.ZKBAZAAR_NATIVE !== 'required';
  }
  const steps = [
    ['fmt', '--check'],
    ['clippy', '--profile', 'quick', '--locked', '--lib', '--', '-D', 'warnings'],
    // Tests go without the face towards Node, whose symbols only Node has.
    ['clippy', '--profile', 'quick', '--locked', '--all-targets', '--no-default-features', '--', '-D', 'warnings'],
    ['test', '--profile', 'quick', '--locked', '--no-default-features'],
  ];
  for (const args of steps) {
    say(`cargo ${args[0]}`);
    const onLine = (line) => process.stdout.write(`${line}\n`);
    const { ok, reason } = await runCargo(cargo.path, args, { timeoutMs: TIMEOUT_MS, onLine });
    if (!ok) {
      say(`cargo ${args[0]}: ${reason}`);
      return false;
    }
  }
  return true;
}

const mode = process.argv[2];
if (mode === '--pack') pack();
else if (mode === '--check') process.exitCode = (await check()) ? 0 : 1;
else if (!(await build()) && process.env.ZKBAZAAR_NATIVE === 'required') process.exitCode = 1;
