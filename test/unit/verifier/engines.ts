import { chooseEngine, type EngineChoice } from '../../../src/base/native/choose.ts';

/** Whether the addon is there; test/unit/verifier/engines.test.ts fails where it should be and is not. */
export const nativeAddon = chooseEngine('auto').addon;

/** The engines that can run here. Tests of every engine go over this list. */
export const ENGINES: readonly Exclude<EngineChoice, 'auto'>[] =
  nativeAddon === undefined ? ['wasm'] : ['native', 'wasm'];
