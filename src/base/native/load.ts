import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors.ts';
import type { NativeAddon } from './interface.ts';

/** Version of `NativeAddon`; counted up with every change of it, in `native/src/bindings/mod.rs` too. */
export const NATIVE_ABI = 4;

export type LoadedNative =
  | { readonly addon: NativeAddon; readonly path: string; readonly reason: undefined }
  | { readonly addon: undefined; readonly path: string; readonly reason: string };

/** From `src/base/native` and from `dist/base/native` alike. */
const FOLDER = new URL('../../../native/', import.meta.url);

/** What the addon is compiled for on x86-64, as Linux names it; see `native/.cargo/config.toml`. */
const NEEDED_FLAGS = ['adx', 'bmi2', 'avx2', 'fma'];

let loaded: LoadedNative | undefined;

/**
 * The addon, or in words why there is none. Tried once per process; costs about a millisecond. Never throws.
 * @example
 * const { addon, reason } = loadNative();
 */
export function loadNative(): LoadedNative {
  loaded ??= load();
  return loaded;
}

function load(): LoadedNative {
  const name = `zkbazaar-native.${process.platform}-${process.arch}.node`;
  // What a package brought stands in its own folder until the install script has run, which npm may be told not to do.
  const paths = [name, `prebuilt/${name}`].map((file) => fileURLToPath(new URL(file, FOLDER)));
  const path = paths.find((candidate) => existsSync(candidate)) ?? paths[0] ?? name;
  const none = (reason: string): LoadedNative => ({ addon: undefined, path, reason });
  const missing = missingCpuFlag();
  if (missing !== undefined && !isPortable()) return none(`this CPU has no ${missing}`);
  try {
    const addon = createRequire(import.meta.url)(path) as NativeAddon;
    const abi = addon.abi();
    if (abi !== NATIVE_ABI) return none(`the addon has interface version ${abi}, not ${NATIVE_ABI}: build it again`);
    return { addon, path, reason: undefined };
  } catch (error) {
    const { code } = error as { code?: unknown };
    return none(
      code === 'MODULE_NOT_FOUND' ? 'it was not built' : `it does not load: ${messageOf(error).split('\n')[0] ?? ''}`,
    );
  }
}

/** Whether `native/build.mjs` built for any CPU of this kind, because this one lacks something. */
function isPortable(): boolean {
  try {
    const status = JSON.parse(readFileSync(new URL('build-status.json', FOLDER), 'utf8')) as { portable?: unknown };
    return status.portable === true;
  } catch {
    return false;
  }
}

/** An instruction that the CPU has not would end the process: asked before the addon is loaded, where Linux tells. */
function missingCpuFlag(): string | undefined {
  if (process.arch !== 'x64' || process.platform !== 'linux') return undefined;
  try {
    const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[1]?.split(/\s+/));
    return NEEDED_FLAGS.find((flag) => !flags.has(flag));
  } catch {
    return undefined;
  }
}
