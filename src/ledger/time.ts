import { uptime } from 'node:os';
import { type Clock, systemClock } from '../base/clock.ts';

/** The later of two times. */
export function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** How far the wall clock may be from what has passed since the start; NTP moves it by less. */
const TRUSTED_MS = 600_000;

/**
 * The wall clock, unless somebody has set it by more than ten minutes since the start: then the time of the start and what
 * the system has been up since, sleep included. One wrong reading would stay in all later blocks, since time never falls.
 */
export function steadyClock(): Clock {
  const [wall, up] = [systemClock.nowMs(), uptime()];
  return {
    nowMs() {
      const now = systemClock.nowMs();
      const steady = wall + (uptime() - up) * 1000;
      return Math.abs(now - steady) <= TRUSTED_MS ? now : Math.floor(steady);
    },
  };
}
