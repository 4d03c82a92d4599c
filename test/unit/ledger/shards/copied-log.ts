import { join } from 'node:path';
import { type BlockHeader, decodeHeader, encodeHeader } from '../../../../src/ledger/block/header.ts';
import { openGenesis } from '../../../../src/ledger/genesis.ts';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import { openLogReader } from '../../../../src/ledger/log/read-only.ts';
import { GENESIS } from './audited.ts';

const { network } = openGenesis(GENESIS);

interface Change {
  readonly first?: bigint;
  /** Heights whose headers are left out; the last ones. */
  readonly unsealed?: bigint;
  readonly forge?: (header: BlockHeader) => Partial<BlockHeader>;
}

/** Writes the log of one ledger anew for another, with sound checksums whatever was changed in it. */
export async function copyLog(from: string, to: string, { first = 1n, unsealed = 0n, forge }: Change): Promise<void> {
  const source = await openLogReader({ folder: join(from, 'log'), network });
  const seals = new Map<bigint, Uint8Array>();
  for await (const { height, header } of source.seals(first)) seals.set(height, header);
  const target = await openBlockLog({ folder: join(to, 'log'), network, firstHeight: first });
  for await (const block of source.read(first)) {
    await target.append(block);
    const sealed = seals.get(block.height);
    if (sealed === undefined || block.height > source.head.height - unsealed) continue;
    const header = decodeHeader(sealed);
    await target.appendSeal(block.height, encodeHeader({ ...header, ...forge?.(header) }));
  }
  await target.close();
}
