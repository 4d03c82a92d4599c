import { toHex } from '../../src/base/bytes.ts';
import { assembleCalls } from '../../src/ledger/programs/call.ts';
import type { Transaction } from '../../src/ledger/transaction/interface.ts';
import type { RawTransaction, TestLedger } from '../unit/ledger/programs/ledger.ts';
import type { Actor } from './ledger-world.ts';
import type { Random } from './random.ts';

const BLOCK = 16;

/** Up to 16 random transactions: one or two actions each, with fees, now and then short of gas, one in six spoilt. */
export function blockOf(random: Random, ledger: TestLedger, actor: Actor): Transaction[] {
  const used = new Set<string>();
  const transactions: Transaction[] = [];
  for (let i = 0; i < BLOCK; i += 1) {
    const { signer, calls } = actor.next();
    // One transaction a signer and block: the nonce of a second would be wrong.
    if (used.has(toHex(signer))) continue;
    used.add(toHex(signer));
    const more = random.below(4) === 0 ? actor.next().calls : [];
    const raw = assembleCalls(signer, [...calls, ...more]);
    const gasLimit = random.below(20) === 0 ? 3_000 + random.below(2_000) : 1_000_000;
    const gasPrice = BigInt(random.below(3));
    transactions.push(
      ledger.transaction(signer, random.below(6) === 0 ? spoilt(random, raw, transactions) : raw, gasLimit, gasPrice),
    );
  }
  return transactions;
}

/** What an attacker would try: another index, another key, another number, another operation, a cut of the arguments. */
function spoilt(random: Random, raw: RawTransaction, others: readonly Transaction[]): RawTransaction {
  const writes = (raw.writes ?? []).map((key) => key.slice());
  const credits = (raw.credits ?? []).map((key) => key.slice());
  const operations = raw.operations.map((call) => ({ ...call, arguments: call.arguments.slice() }));
  const { arguments: args } = random.pick(operations);
  const foreign = others.flatMap((other) => [...other.writes, ...other.credits]);
  const list = random.pick([writes, credits]);
  switch (random.below(7)) {
    case 0:
      if (args.length > 0) args[random.below(args.length)] = random.below(256);
      break;
    case 1:
      if (args.length > 0) args[random.below(args.length)] = random.below(8);
      break;
    case 2:
      if (list.length > 0 && foreign.length > 0) list[random.below(list.length)] = random.pick(foreign).slice();
      break;
    case 3:
      if (list.length > 0) random.pick(list)[random.below(32)] = random.below(4);
      break;
    case 4:
      return { ...raw, writes, credits: [...credits, ...writes], operations };
    case 5:
      return { ...raw, operations: operations.map((call) => ({ ...call, operation: random.below(10) })) };
    default:
      return { ...raw, operations: operations.map((call) => ({ ...call, program: 1 + random.below(8) })) };
  }
  return { ...raw, writes, credits, operations };
}
