import { setImmediate } from 'node:timers/promises';
import { KEPT_JOB_SECONDS, KEPT_JOBS, PRUNE_GRACE_SECONDS, PRUNE_STEP_ROWS } from './constants.ts';
import type { Database } from './database.ts';
import type { PruneReport } from './interface.ts';
import { checkTime } from './values.ts';

/** What each table may lose: only rows whose time is over. There is no other way for a tag to leave the store. */
const STEPS: Readonly<Record<keyof PruneReport, string>> = {
  envelopes:
    'DELETE FROM envelopes WHERE seq IN (SELECT seq FROM envelopes WHERE expires_at < ? ORDER BY expires_at LIMIT ?)',
  tags: `DELETE FROM spent_tags WHERE (kind, value) IN
         (SELECT kind, value FROM spent_tags WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
  values: `DELETE FROM kept_values WHERE (namespace, key) IN
           (SELECT namespace, key FROM kept_values WHERE expires_at < ? AND expires_at IS NOT NULL LIMIT ?)`,
  idempotencyKeys:
    'DELETE FROM idempotency_keys WHERE key IN (SELECT key FROM idempotency_keys WHERE expires_at < ? LIMIT ?)',
  jobs: `DELETE FROM jobs WHERE id IN
         (SELECT id FROM jobs WHERE updated_at < ? AND state IN ('done', 'failed', 'cancelled') LIMIT ?)`,
};

/** Drops what has expired, step by step, and lets others run in between. */
export async function prune(db: Database, now: number): Promise<PruneReport> {
  checkTime(now, 'now');
  const report: PruneReport = { envelopes: 0, tags: 0, values: 0, jobs: 0, idempotencyKeys: 0 };
  const before = now - PRUNE_GRACE_SECONDS;
  for (const table of Object.keys(STEPS) as (keyof PruneReport)[]) {
    const limit = table === 'jobs' ? now - KEPT_JOB_SECONDS : before;
    let changed: number;
    do {
      changed = db.statement(STEPS[table]).run(limit, PRUNE_STEP_ROWS);
      report[table] += changed;
      await setImmediate();
    } while (changed === PRUNE_STEP_ROWS);
  }
  report.jobs += db
    .statement('DELETE FROM jobs WHERE id IN (SELECT id FROM jobs ORDER BY created_at DESC LIMIT -1 OFFSET ?)')
    .run(KEPT_JOBS);
  return report;
}
