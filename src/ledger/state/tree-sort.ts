const PATH_BYTES = 32;
/** Digits of the radix sort: 11 + 11 + 10 bits of a path's first word. */
const DIGITS = [
  { shift: 0, mask: 0x7ff },
  { shift: 11, mask: 0x7ff },
  { shift: 22, mask: 0x3ff },
] as const;

/**
 * Indices of `count` paths, ascending by path; equal paths stay in their order. A radix sort by the first 32 bits, then
 * runs with equal ones by comparison, so that paths ground out to share a prefix cost n log n and no more.
 * @param prefixes their first words (big-endian), in the order given; sorted along
 */
export function sortPaths(paths: Uint8Array, prefixes: Uint32Array, count: number): Uint32Array {
  let order: Uint32Array = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) order[i] = i;
  let keys: Uint32Array = prefixes.slice(0, count);
  let nextOrder: Uint32Array = new Uint32Array(count);
  let nextKeys: Uint32Array = new Uint32Array(count);
  const starts = new Uint32Array(0x800);
  for (const { shift, mask } of DIGITS) {
    starts.fill(0);
    for (let i = 0; i < count; i += 1) {
      const digit = ((keys[i] as number) >>> shift) & mask;
      starts[digit] = (starts[digit] as number) + 1;
    }
    let sum = 0;
    for (let digit = 0; digit <= mask; digit += 1) {
      const size = starts[digit] as number;
      starts[digit] = sum;
      sum += size;
    }
    for (let i = 0; i < count; i += 1) {
      const key = keys[i] as number;
      const digit = (key >>> shift) & mask;
      const at = starts[digit] as number;
      starts[digit] = at + 1;
      nextKeys[at] = key;
      nextOrder[at] = order[i] as number;
    }
    [order, nextOrder] = [nextOrder, order];
    [keys, nextKeys] = [nextKeys, keys];
  }
  prefixes.set(keys);
  const compare = (a: number, b: number): number => comparePaths(paths, a * PATH_BYTES, b * PATH_BYTES);
  for (let from = 0; from < count; ) {
    let to = from + 1;
    while (to < count && keys[to] === keys[from]) to += 1;
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
  return order;
}

/** Below 0, 0 or above 0, of the paths at two byte offsets. */
export function comparePaths(paths: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < PATH_BYTES; i += 1) {
    const difference = (paths[a + i] as number) - (paths[b + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
