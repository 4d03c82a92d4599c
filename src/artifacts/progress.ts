import type { SnarkjsLogger } from './snarkjs.ts';

/** Steps that take over two seconds on a real circuit. */
export type MakingStep =
  | 'compile'
  | 'witness graph'
  | 'inspect'
  | 'powers of tau'
  | 'initial key'
  | 'contribution'
  | 'beacon'
  | 'verification'
  | 'export';

export interface MakingProgress {
  /** The circuit, or `all` for what is shared. */
  circuit: string;
  step: MakingStep;
  /** 0 to 1 within the step where snarkjs tells it. */
  fraction?: number | undefined;
}

export type MakingListener = (progress: MakingProgress) => void;

/** Collects what snarkjs complains about, and turns its `Section: 128/4096` lines into progress. */
export function makingLogger(
  circuit: string,
  step: MakingStep,
  listener: MakingListener | undefined,
): SnarkjsLogger & { complaints: string[] } {
  const complaints: string[] = [];
  listener?.({ circuit, step });
  return {
    complaints,
    debug: (line) => {
      const match = /(\d+)\/(\d+)/.exec(line);
      if (match !== null && Number(match[2]) > 0) {
        listener?.({ circuit, step, fraction: Number(match[1]) / Number(match[2]) });
      }
    },
    info: () => {},
    warn: (line) => complaints.push(line),
    error: (line) => complaints.push(line),
  };
}
