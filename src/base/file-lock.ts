import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from './errors.ts';
import { FileErrorCode } from './private-file.ts';

/** A holder does one read-change-write, milliseconds; ten seconds of waiting mean that something hangs. */
const DEFAULT_WAIT_MS = 10_000;
const POLL_MS = 20;
/** No process of another machine (or container) can be asked whether it lives; its lock is taken over after this. */
const FOREIGN_STALE_MS = 60_000;
/** A lock that is held for long says so in between. */
const ALIVE_EVERY_MS = 15_000;

interface Owner {
  pid: number;
  host: string;
  /** Start of the process as the kernel counts it, so that a reused pid is not taken for the owner. */
  born: string;
  token: string;
  at: number;
}

/** Tokens held by this process: a lock with our pid and another token is a dead namesake's (pid 1 of a container). */
const held = new Set<string>();

/**
 * Runs `work` while `<path>.lock` is ours, across processes. The lock of a killed process is taken over.
 * @throws CodedError FILE_LOCKED when another process keeps it for longer than `waitMs`
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, waitMs = DEFAULT_WAIT_MS): Promise<T> {
  const lock = `${path}.lock`;
  const owner: Owner = {
    pid: process.pid,
    host: hostname(),
    born: birthOf(process.pid),
    token: randomBytes(16).toString('hex'),
    at: Date.now(),
  };
  held.add(owner.token);
  try {
    await acquire(lock, owner, waitMs);
    let refreshed: Promise<unknown> = Promise.resolve();
    const alive = setInterval(() => {
      refreshed = refresh(lock, owner).catch(() => undefined);
    }, ALIVE_EVERY_MS);
    alive.unref();
    try {
      return await work();
    } finally {
      clearInterval(alive);
      await refreshed;
      const current = await readOwner(lock);
      if (current?.token === owner.token) await unlink(lock).catch(() => undefined);
    }
  } finally {
    held.delete(owner.token);
  }
}

/** A new time in a lock that is still ours, for other machines to see. */
async function refresh(lock: string, owner: Owner): Promise<void> {
  if ((await readOwner(lock))?.token !== owner.token) return;
  const draft = `${lock}.${owner.token}`;
  await writeFile(draft, JSON.stringify({ ...owner, at: Date.now() }), { mode: 0o600 });
  await rename(draft, lock);
}

async function acquire(lock: string, owner: Owner, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  const draft = `${lock}.${owner.token}`;
  // Written apart and linked in place: a lock file is never seen half written.
  await writeFile(draft, JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
  try {
    for (;;) {
      if (await linked(draft, lock)) return;
      const other = await readOwner(lock);
      if (other !== undefined && isDead(other)) {
        await evict(lock, other);
        continue;
      }
      if (performance.now() >= deadline) {
        throw new CodedError(FileErrorCode.Locked, `${basename(lock)} is held by process ${other?.pid ?? 'unknown'}`, {
          where: basename(lock),
          hint: 'wait for the other command to end, then repeat this one',
        });
      }
      await sleep(POLL_MS);
    }
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

/** Moves a dead lock aside; where a live one had come in between, puts that one back. */
async function evict(lock: string, dead: Owner): Promise<void> {
  const aside = `${lock}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  const moved = await readOwner(aside);
  if (moved !== undefined && moved.token !== dead.token) await linked(aside, lock);
  await unlink(aside).catch(() => undefined);
  // Killed before it cleared its draft away.
  if (/^[0-9a-f]{32}$/.test(dead.token)) await unlink(`${lock}.${dead.token}`).catch(() => undefined);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when there is none. A lock file that nobody can read counts as a dead owner's. */
async function readOwner(lock: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readFile(lock, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const { pid, host, born, token, at } = JSON.parse(text) as Partial<Owner>;
    if (typeof pid === 'number' && typeof host === 'string' && typeof token === 'string' && typeof at === 'number') {
      return { pid, host, born: typeof born === 'string' ? born : '', token, at };
    }
  } catch {
    // Falls through: not written by us.
  }
  return { pid: 0, host: hostname(), born: '', token: '', at: 0 };
}

function isDead(owner: Owner): boolean {
  if (owner.host !== hostname()) return Date.now() - owner.at > FOREIGN_STALE_MS;
  if (owner.pid === process.pid) return !held.has(owner.token);
  if (owner.pid <= 0) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const born = birthOf(owner.pid);
  return born !== '' && owner.born !== '' && born !== owner.born;
}

/** Linux: boot id and start time of a process; '' elsewhere. */
function birthOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The command name, in parentheses, may hold blanks: fields are counted after its end; start time is field 22.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot}:${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}
