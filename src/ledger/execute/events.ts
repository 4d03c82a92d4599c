import { MAX_EVENT_BYTES, STATUS } from '../constants.ts';
import { faultOf } from '../program/fault.ts';

/** u16 length of the data, u8 program, u8 topic. */
const HEAD_BYTES = 4;
const FIRST_CAPACITY = 64 * 1024;

/** Events of the transactions that one executor runs in a block, one behind the other. */
export class EventArena {
  bytes = new Uint8Array(FIRST_CAPACITY);
  length = 0;

  /** @throws the fault badArguments above 256 bytes */
  add(program: number, topic: number, data: Uint8Array): void {
    if (data.length > MAX_EVENT_BYTES || !Number.isInteger(topic) || topic < 0 || topic > 255) {
      throw faultOf(STATUS.badArguments);
    }
    const needed = this.length + HEAD_BYTES + data.length;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes[this.length] = data.length & 0xff;
    this.bytes[this.length + 1] = data.length >>> 8;
    this.bytes[this.length + 2] = program;
    this.bytes[this.length + 3] = topic;
    this.bytes.set(data, this.length + HEAD_BYTES);
    this.length = needed;
  }
}

export interface Event {
  readonly program: number;
  readonly topic: number;
  readonly data: Uint8Array;
}

/** Reads what `EventArena` wrote. */
export function readEvents(bytes: Uint8Array): Event[] {
  const events: Event[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + HEAD_BYTES + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
    events.push({ program: bytes[at + 2] ?? 0, topic: bytes[at + 3] ?? 0, data: bytes.slice(at + HEAD_BYTES, end) });
    at = end;
  }
  return events;
}
