/** A program for the benchmark alone: integer work of some ten microseconds on one record. Lanes load it by its URL. */
import { join } from '../../src/ledger/keys.ts';
import type { Context, Program } from '../../src/ledger/program/interface.ts';
import { type Call, callOf } from '../../src/ledger/programs/call.ts';

const BURN = 200;
const SPACE = 200;

/** {rounds u32, key u8}: the record's number goes through as many rounds of xorshift and a multiplication. */
function burn(context: Context): void {
  const rounds = context.argU32(0);
  const key = context.argU8(4);
  if (context.length(key) === 0) context.create(key, 8);
  let state = context.u32(key, 0) | 1;
  for (let i = 0; i < rounds; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state = Math.imul(state, 0x2c1b3c6d) | 1;
  }
  context.setU32(key, 0, state >>> 0);
}

export const PROGRAMS: ReadonlyMap<number, Program> = new Map([
  [
    BURN,
    {
      id: BURN,
      name: 'burn',
      spaces: [SPACE],
      operations: new Map([[0, { name: 'burn', gas: 1_000, run: burn }]]),
      statuses: {},
    },
  ],
]);

/** @param place which record */
export function burnCall(place: number, rounds: number): Call {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, place, true);
  const key = join(SPACE, bytes);
  return callOf(BURN, 0, { writes: [key] }, (at, out) => out.u32(rounds).u8(at.write(key)));
}
