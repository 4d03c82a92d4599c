import { readFile } from 'node:fs/promises';

const MIB = 2 ** 20;

/**
 * Resident memory of a process and its highest value so far, in MiB.
 * Undefined where there is no /proc (everywhere but Linux) or no such process.
 */
export async function memoryOf(pid: number | undefined): Promise<{ rss: number; peak: number } | undefined> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  const [rss, peak] = [kibibytes('VmRSS') / 1024, kibibytes('VmHWM') / 1024];
  return Number.isNaN(rss) || Number.isNaN(peak) ? undefined : { rss, peak };
}

/** `zkbazaar_resident_bytes` of a node's metrics, in MiB. */
export function residentOf(metrics: string): number | undefined {
  const bytes = /^zkbazaar_resident_bytes (\S+)$/m.exec(metrics)?.[1];
  return bytes === undefined ? undefined : Number(bytes) / MIB;
}

/**
 * Bytes of the files at or below `paths` that are mapped and resident, from /proc/<pid>/smaps. Such pages count in VmRSS and
 * VmHWM.
 */
export function mappedOf(smaps: string, paths: readonly string[]): number {
  let inside = false;
  let kibibytes = 0;
  for (const line of smaps.split('\n')) {
    const head = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)$/.exec(line);
    if (head !== null) inside = paths.some((path) => head[1] === path || head[1]?.startsWith(`${path}/`) === true);
    else if (inside) kibibytes += Number(/^Rss:\s+(\d+) kB$/.exec(line)?.[1] ?? 0);
  }
  return kibibytes * 1024;
}
