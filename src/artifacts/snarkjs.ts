import type * as Snarkjs from 'snarkjs';

/**
 * The only door to snarkjs. It is loaded on first use: parsing it takes a third of a second, which verbs that neither
 * prove nor make keys should not pay.
 */
export type {
  SnarkjsCurve,
  SnarkjsFile,
  SnarkjsGroup,
  SnarkjsLogger,
  SnarkjsProof,
  ThreadCommand,
} from 'snarkjs';

export type SnarkjsModule = typeof Snarkjs;

let loading: Promise<SnarkjsModule> | undefined;

export function loadSnarkjs(): Promise<SnarkjsModule> {
  loading ??= import('snarkjs');
  return loading;
}

/** The BN254 curve with one thread per core. It is shared by all users in this thread and keeps the process alive. */
export async function openCurve(): Promise<Snarkjs.SnarkjsCurve> {
  return (await loadSnarkjs()).curves.getCurveFromName('bn128');
}

/**
 * Runs `work` while what snarkjs prints goes to `onLine`: it reports some refusals with `console.log`, which would end
 * up in the middle of a verb's JSON.
 */
export async function withoutConsole<T>(work: () => Promise<T>, onLine: (line: string) => void): Promise<T> {
  const { console: host } = globalThis;
  const print = host.log;
  host.log = (...parts: unknown[]) => onLine(parts.map(String).join(' ').trim());
  try {
    return await work();
  } finally {
    host.log = print;
  }
}

/** Stops the curve's threads, so that a script can end. A later `openCurve` starts new ones. */
export async function closeCurve(): Promise<void> {
  // ffjavascript keeps its one multi-threaded curve here, whoever asked for it.
  const { curve_bn128: curve } = globalThis as { curve_bn128?: Snarkjs.SnarkjsCurve | null };
  await curve?.terminate();
}
