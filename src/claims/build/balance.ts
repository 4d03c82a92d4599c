import { formatAmount } from '../assets.ts';
import { ClaimErrorCode } from '../errors.ts';
import { oldestIssue } from '../expected.ts';
import type { BalanceDemand, Credential, Shortfall } from '../interface.ts';
import { printDuration } from '../policy/printer.ts';
import type { RegisteredIssuer } from '../registry-tree.ts';
import { asciiToInteger, SLOTS } from '../schemas.ts';
import { type Bench, checkCommon, type Missing } from './common-checks.ts';

export interface Account {
  credential: Credential;
  issuer: RegisteredIssuer;
  amount: bigint;
  accountRef: bigint;
}

/** At least one, references strictly ascending. */
export type Accounts = [Account, ...Account[]];

const MAX_128 = (1n << 128n) - 1n;

/**
 * The fewest accounts that reach the threshold, in ascending order of their references, each counted once. Where one is
 * enough it is the smallest such, since an account backs one open order at a time.
 * @param slots accounts that the circuit adds up
 * @returns what is missing where they do not; the balance itself is told, to its holder alone
 */
export function chooseAccounts(
  bench: Bench,
  demand: BalanceDemand,
  slots: number,
  credentials: readonly Credential[],
): { accounts: Accounts } | Missing {
  const { asset } = demand;
  const assetCode = asciiToInteger(asset).toString();
  const candidates = credentials.filter(
    ({ schema, attributes }) => schema === 'balance' && attributes[SLOTS.balance.asset] === assetCode,
  );
  if (candidates.length === 0) {
    return {
      shortfalls: [
        {
          code: ClaimErrorCode.NoCredential,
          message: `no balance credential for ${asset}`,
          hint: `ask a custodian of this network to attest your ${asset} account`,
        },
      ],
    };
  }
  const unusable: Shortfall[] = [];
  const accounts = new Map<bigint, Account>();
  for (const candidate of candidates) {
    const { issuer, shortfalls } = checkCommon(bench, candidate);
    if (candidate.issuedAt < oldestIssue(bench.now, demand.freshSeconds)) {
      shortfalls.push({
        code: ClaimErrorCode.Stale,
        message: `balance credential is older than ${printDuration(demand.freshSeconds)}`,
        hint: 'ask the custodian for a fresh one',
      });
    }
    const account = readAccount(candidate, issuer);
    if (account === undefined && shortfalls.length === 0) {
      shortfalls.push({ code: ClaimErrorCode.BadCredential, message: 'balance credential does not follow its schema' });
    }
    if (shortfalls.length > 0 || account === undefined) {
      unusable.push(...shortfalls);
      continue;
    }
    // Two statements about one account: the newer is the truth, and only one may count.
    const known = accounts.get(account.accountRef);
    if (known === undefined || known.credential.issuedAt < candidate.issuedAt)
      accounts.set(account.accountRef, account);
  }
  if (accounts.size === 0) return { shortfalls: distinct(unusable) };
  const usable = [...accounts.values()];
  const chosen = reach(usable, BigInt(demand.atLeast), slots);
  return chosen === undefined ? { shortfalls: tooLow(usable, demand, slots, unusable) } : { accounts: chosen };
}

function reach(accounts: readonly Account[], threshold: bigint, slots: number): Accounts | undefined {
  const largestFirst = [...accounts].sort(byAmount);
  const single = largestFirst.filter(({ amount }) => amount >= threshold).at(-1);
  if (single !== undefined) return [single];
  let sum = 0n;
  for (const [i, account] of largestFirst.slice(0, slots).entries()) {
    sum += account.amount;
    if (sum < threshold) continue;
    const [first, ...others] = largestFirst.slice(0, i + 1).sort((a, b) => (a.accountRef < b.accountRef ? -1 : 1));
    return first === undefined ? undefined : [first, ...others];
  }
  return undefined;
}

function tooLow(
  accounts: readonly Account[],
  { asset, atLeast }: BalanceDemand,
  slots: number,
  unusable: readonly Shortfall[],
): Shortfall[] {
  const counted = [...accounts].sort(byAmount).slice(0, slots);
  const sum = counted.reduce((total, { amount }) => total + amount, 0n);
  const hint =
    accounts.length > slots
      ? slots === 1
        ? 'beside identity demands only the largest account counts; move funds into one'
        : `only the ${slots} largest accounts count; move funds together`
      : undefined;
  const shortfall: Shortfall = {
    code: ClaimErrorCode.BalanceTooLow,
    message: `balance ${formatAmount(sum, asset)} below ${formatAmount(BigInt(atLeast), asset)}`,
  };
  if (hint !== undefined) shortfall.hint = hint;
  return [shortfall, ...distinct(unusable)];
}

/** Undefined where the circuits would not take it: amount or reference beyond 128 bits, or more than the schema has. */
function readAccount(credential: Credential, issuer: RegisteredIssuer | undefined): Account | undefined {
  const { attributes } = credential;
  const amount = BigInt(attributes[SLOTS.balance.amount] ?? '0');
  const accountRef = BigInt(attributes[SLOTS.balance.accountRef] ?? '0');
  const spare = attributes.slice(SLOTS.balance.accountRef + 1);
  if (issuer === undefined || amount > MAX_128 || accountRef > MAX_128 || spare.some((value) => value !== '0')) {
    return undefined;
  }
  return { credential, issuer, amount, accountRef };
}

function byAmount(a: Account, b: Account): number {
  return a.amount === b.amount ? 0 : a.amount > b.amount ? -1 : 1;
}

function distinct(shortfalls: readonly Shortfall[]): Shortfall[] {
  return [...new Map(shortfalls.map((shortfall) => [shortfall.message, shortfall])).values()];
}
