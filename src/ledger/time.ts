import { type Clock, systemClock } from '../base/clock.ts';

/** The later of two times. */
export function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** A clock that only a restart sets: one wrong reading would stay in all later blocks, since time never falls. */
export function steadyClock(): Clock {
  const [wall, steady] = [systemClock.nowMs(), performance.now()];
  return { nowMs: () => wall + (performance.now() - steady) };
}
