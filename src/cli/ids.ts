import type { NodeClient } from './client.ts';
import { CliError, CliErrorCode } from './errors.ts';

/** Shorter beginnings say too little; lists show 12 digits. */
const BEGINNING = /^([0-9a-f]{6,63})…?$/;

/**
 * The whole id of an offer or order of which lists show the beginning. What is no beginning passes as it is, for the
 * node to judge.
 * @throws CliError CLI_NOTHING_THERE, CLI_BAD_ARGUMENT where several begin so
 */
export async function wholeId(node: NodeClient, kind: 'offer' | 'order', given: string): Promise<string> {
  const beginning = BEGINNING.exec(given)?.[1];
  if (beginning === undefined) return given;
  const found = new Set<string>();
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor ? { cursor } : {}) });
    const path = kind === 'offer' ? `/v1/offers?${query}` : '/v1/orders';
    const page = await node.get<{ items: { id: string }[]; next?: string | null }>(path);
    for (const { id } of page.items) if (id.startsWith(beginning)) found.add(id);
    cursor = page.next;
  } while (cursor);
  const [id] = found;
  if (id !== undefined && found.size === 1) return id;
  const hint = `zkbazaar ${kind} list --json shows whole ids`;
  throw found.size === 0
    ? new CliError(CliErrorCode.NothingThere, `no ${kind} here begins so`, { where: given, hint })
    : new CliError(CliErrorCode.BadArgument, `${found.size} ${kind}s begin so`, { where: given, hint });
}
