import { toHex } from '../base/bytes.ts';
import { isCodedError, messageOf } from '../base/errors.ts';
import { type BlockHeader, headerHash } from '../ledger/block/header.ts';
import { STATUS } from '../ledger/constants.ts';
import type { Receipt } from '../ledger/interface.ts';
import { describeStatus } from '../ledger/programs/index.ts';
import type { HeaderView, ReceiptView } from './ledger-interface.ts';

export function headerView(header: BlockHeader): HeaderView {
  return {
    height: String(header.height),
    timeMs: Number(header.time),
    network: toHex(header.network),
    transactions: header.transactions,
    parent: toHex(header.parent),
    transactionsRoot: toHex(header.transactionsRoot),
    stateRoot: toHex(header.stateRoot),
    receiptsRoot: toHex(header.receiptsRoot),
    hash: toHex(headerHash(header)),
  };
}

export function receiptView(receipt: Receipt): ReceiptView {
  const { status, program, operation } = receipt;
  const failed = status !== STATUS.ok;
  return {
    id: toHex(receipt.id),
    height: String(receipt.height),
    index: receipt.index,
    ok: !failed,
    status,
    meaning: describeStatus(program, status),
    operation: failed ? operation : null,
    program: failed ? program : null,
    gasUsed: receipt.gasUsed,
    fee: String(receipt.fee),
    events: receipt.events.map(({ program: by, topic, data }) => ({ program: by, topic, data: toHex(data) })),
  };
}

/** A failure as JSON; what has no code is ours to hide. */
export function errorView(error: unknown): { code: string; message: string; hint?: string | undefined } {
  if (!isCodedError(error)) return { code: 'LEDGER_CLOSED', message: messageOf(error) };
  return { code: error.code, message: error.message, hint: error.hint };
}
