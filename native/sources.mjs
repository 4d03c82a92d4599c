/**
 * Names, hashes and the status file of the native build. Plain JavaScript that Node 18 reads: `npm ci` runs it before
 * anything else of the package can run.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const NATIVE_DIR = fileURLToPath(new URL('.', import.meta.url));
export const MANIFEST = join(NATIVE_DIR, 'Cargo.toml');

const NAME = `zkbazaar-native.${process.platform}-${process.arch}`;
/** What the loader opens first. */
export const ADDON = join(NATIVE_DIR, `${NAME}.node`);
/** What a package may bring along for this platform, and of which sources it was made. */
export const PREBUILT = join(NATIVE_DIR, 'prebuilt', `${NAME}.node`);
export const PREBUILT_NOTE = join(NATIVE_DIR, 'prebuilt', `${NAME}.json`);
/** How the last build went; `zkbazaar doctor` reads it. */
export const STATUS = join(NATIVE_DIR, 'build-status.json');

/** Everything that the library's bytes depend on, besides compiler and environment. */
const SOURCE_FILES = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'rust-toolchain.toml', '.cargo/config.toml'];

function filesBelow(folder) {
  if (!existsSync(join(NATIVE_DIR, folder))) return [];
  return readdirSync(join(NATIVE_DIR, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** SHA-256 over paths and contents of the crate's sources, hex; undefined where there is no crate. */
export function sourcesHash() {
  if (!existsSync(MANIFEST)) return undefined;
  const files = [...SOURCE_FILES, ...filesBelow('src')].filter((path) => existsSync(join(NATIVE_DIR, path))).sort();
  const hash = createHash('sha256');
  for (const path of files) {
    const content = readFileSync(join(NATIVE_DIR, path));
    hash.update(`${path.length}:${path}${content.length}:`).update(content);
  }
  return hash.digest('hex');
}

export function fileHash(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** A JSON object, or an empty one where the file is missing or damaged: then nothing is up to date. */
export function readNote(path) {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** What `.cargo/config.toml` compiles for on x86-64; `src/base/native/load.ts` asks for the same. */
const CPU_FLAGS = ['adx', 'bmi2', 'avx2', 'fma'];

/** Flags that this CPU lacks, where Linux tells: then only a portable addon runs here. */
export function missingCpuFlags(cpuinfo = '/proc/cpuinfo') {
  if (process.arch !== 'x64' || process.platform !== 'linux') return [];
  try {
    const line = /^flags\s*:(.*)$/m.exec(readFileSync(cpuinfo, 'latin1'))?.[1] ?? '';
    const flags = new Set(line.split(/\s+/));
    return CPU_FLAGS.filter((flag) => !flags.has(flag));
  } catch {
    return [];
  }
}

/** Whether `path` holds the bytes that `note` describes, made from these sources. */
export function isCurrent(path, note, sources) {
  return note.sources === sources && existsSync(path) && statSync(path).isFile() && note.sha256 === fileHash(path);
}

/** Writes whole or not at all: a process that loads the file meanwhile sees the old or the new one. */
export function replaceFile(path, content) {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, content);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
