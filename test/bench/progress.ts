/** One line on standard error per step, with the seconds since start. */
export type Progress = (text: string) => void;

export function startProgress(write: (line: string) => void): Progress {
  const start = performance.now();
  return (text) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(0).padStart(4);
    write(`[${seconds} s] ${text}\n`);
  };
}
