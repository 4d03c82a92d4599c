import { CodedError } from '../errors.ts';
import type { NativeAddon } from './interface.ts';
import { loadNative } from './load.ts';

/** What a user may ask for. `auto` takes the addon where it is there. */
export const ENGINE_CHOICES = ['auto', 'native', 'wasm'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

export function isEngineChoice(value: unknown): value is EngineChoice {
  return ENGINE_CHOICES.some((choice) => choice === value);
}

/** What runs, and why, in words for people. */
export type ChosenEngine =
  | { readonly engine: 'native'; readonly addon: NativeAddon; readonly reason: string }
  | { readonly engine: 'wasm'; readonly addon: undefined; readonly reason: string };

/**
 * The engine that a choice means on this machine. Loads the addon, unless `wasm` is asked for.
 * @throws CodedError ENGINE_NOT_THERE where `native` is asked for and cannot be had
 */
export function chooseEngine(choice: EngineChoice = 'auto'): ChosenEngine {
  if (choice === 'wasm') return { engine: 'wasm', addon: undefined, reason: 'it was asked for' };
  const { addon, reason } = loadNative();
  if (addon !== undefined) {
    return { engine: 'native', addon, reason: choice === 'native' ? 'it was asked for' : 'the addon is there' };
  }
  if (choice === 'auto') return { engine: 'wasm', addon: undefined, reason: `no native engine: ${reason}` };
  throw new CodedError('ENGINE_NOT_THERE', `there is no native engine: ${reason}`, {
    where: 'engine',
    hint: 'install Rust and run npm run native:build, or choose engine auto or wasm; zkbazaar doctor says more',
  });
}
