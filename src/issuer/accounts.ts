import { isCodedError } from '../base/errors.ts';
import { type DecimalMark, decimalMarkOf, parseAmount } from './amount.ts';
import { type CsvRow, decodeText, guessDelimiter, parseCsv } from './csv.ts';
import { IssuerError, IssuerErrorCode } from './errors.ts';
import { checkTime, holderOf, keyOf, parseAccount, parseAsOf } from './fields.ts';
import type { AccountField, IssueBalanceOptions, RejectedItem } from './interface.ts';

/** One good line of an account export. */
export interface AccountLine {
  at: number;
  account: string;
  asset: string;
  /** Minor units. */
  amount: bigint;
  holder: string;
  /** Unix seconds. */
  asOf: number;
}

export interface AccountExport {
  lines: AccountLine[];
  rejected: RejectedItem[];
  unregistered: number[];
}

/** Headers as banks, brokers and exchanges write them, after `keyOf`. */
const KNOWN_HEADERS: Readonly<Record<AccountField, readonly string[]>> = {
  account: [
    'iban',
    'account',
    'accountnumber',
    'accountno',
    'accountid',
    'accountiban',
    'kontonummer',
    'konto',
    'compte',
  ],
  currency: ['currency', 'currencycode', 'ccy', 'asset', 'wahrung', 'waehrung', 'devise'],
  balance: [
    'balance',
    'closingbalance',
    'bookbalance',
    'bookedbalance',
    'availablebalance',
    'amount',
    'saldo',
    'kontostand',
    'solde',
  ],
  customer: [
    'customer',
    'customerid',
    'customerno',
    'customernumber',
    'clientid',
    'clientnumber',
    'userid',
    'kundennummer',
  ],
  holder: ['holder', 'holdercommitment', 'commitment'],
  asOf: [
    'asof',
    'asofdate',
    'asoftime',
    'date',
    'balancedate',
    'valuedate',
    'bookingdate',
    'datum',
    'stichtag',
    'buchungstag',
  ],
};
const REQUIRED: readonly AccountField[] = ['account', 'currency', 'balance'];

type Columns = Partial<Record<AccountField, number>> & { iban: boolean };

/**
 * Reads a custodian's account export. Bad lines are reported and left out; the rest stand.
 * @param now Unix seconds: the as-of time where neither file nor options state one, and the latest one allowed
 * @throws IssuerError ISSUER_BAD_CSV, ISSUER_MISSING_COLUMN, ISSUER_AMBIGUOUS_COLUMN, ISSUER_BAD_DATE (option `asOf`)
 */
export function readAccounts(csv: Uint8Array, options: IssueBalanceOptions, now: number): AccountExport {
  if (options.asOf !== undefined && checkTime(options.asOf) > now) {
    throw new IssuerError(IssuerErrorCode.BadDate, 'the stated as-of time lies in the future');
  }
  const text = decodeText(csv);
  const { rows, bad } = parseCsv(text, guessDelimiter(text));
  const [header, ...body] = rows;
  if (header === undefined) throw new IssuerError(IssuerErrorCode.BadCsv, 'the file has no header line');
  const columns = findColumns(header.cells, options.columns ?? {});
  const mark = options.decimalMark ?? decimalMarkOf(body.map((row) => cellOf(row, columns.balance)));

  const out: AccountExport = { lines: [], rejected: [], unregistered: [] };
  for (const { line, reason } of bad) out.rejected.push({ at: line, code: IssuerErrorCode.BadLine, reason });
  const seen = new Map<string, number>();
  for (const row of body) {
    try {
      if (row.cells.length !== header.cells.length) {
        const widths = `${row.cells.length} fields where the header has ${header.cells.length}`;
        throw new IssuerError(IssuerErrorCode.BadLine, `the line has ${widths}`);
      }
      const line = readLine(row, columns, mark, options, now);
      const key = `${line.account}\n${line.asset}`;
      const earlier = seen.get(key);
      if (earlier !== undefined) {
        throw new IssuerError(IssuerErrorCode.DuplicateAccount, `the account stands on line ${earlier} already`);
      }
      seen.set(key, row.line);
      if (line.holder === undefined) out.unregistered.push(row.line);
      else out.lines.push({ ...line, holder: line.holder });
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const reason = error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
      out.rejected.push({ at: row.line, code: error.code, reason });
    }
  }
  out.rejected.sort((a, b) => a.at - b.at);
  return out;
}

function readLine(
  row: CsvRow,
  columns: Columns,
  mark: DecimalMark | undefined,
  options: IssueBalanceOptions,
  now: number,
): Omit<AccountLine, 'holder'> & { holder: string | undefined } {
  const account = parseAccount(cellOf(row, columns.account), columns.iban);
  const asset = cellOf(row, columns.currency).toUpperCase();
  const amount = parseAmount(cellOf(row, columns.balance), asset, mark);
  const stated = cellOf(row, columns.asOf);
  const asOf = options.asOf ?? (stated === '' ? now : parseAsOf(stated));
  if (asOf > now) throw new IssuerError(IssuerErrorCode.BadDate, 'the as-of time lies in the future');
  const holder = holderOf(cellOf(row, columns.holder), cellOf(row, columns.customer), options.registrations);
  return { at: row.line, account, asset, amount, holder, asOf };
}

function findColumns(header: readonly string[], given: Partial<Record<AccountField, string>>): Columns {
  const keys = header.map(keyOf);
  const columns: Columns = { iban: false };
  for (const field of Object.keys(KNOWN_HEADERS) as AccountField[]) {
    const named = given[field];
    const wanted = named === undefined ? KNOWN_HEADERS[field] : [keyOf(named)];
    const found = keys.flatMap((key, index) => (wanted.includes(key) ? [index] : []));
    const [first] = found;
    if (found.length > 1) {
      const names = found.map((index) => JSON.stringify(header[index])).join(', ');
      throw new IssuerError(IssuerErrorCode.AmbiguousColumn, `more than one column can be the ${field}: ${names}`, {
        hint: `name the one that is meant in \`columns.${field}\``,
        where: 'header',
      });
    }
    if (first !== undefined) columns[field] = first;
    else if (named !== undefined || REQUIRED.includes(field)) throw missing(field, header, named);
  }
  if (columns.holder === undefined && columns.customer === undefined) throw missing('customer', header, undefined);
  columns.iban = columns.account !== undefined && (keys[columns.account] ?? '').includes('iban');
  return columns;
}

function missing(field: AccountField, header: readonly string[], named: string | undefined): IssuerError {
  const seen = header.slice(0, 20).map((name) => JSON.stringify(name.slice(0, 40)));
  const known = named === undefined ? KNOWN_HEADERS[field].slice(0, 4).join(', ') : named;
  return new IssuerError(IssuerErrorCode.MissingColumn, `no column for the ${field} among ${seen.join(', ')}`, {
    hint: `known headers are ${known}; others are named in \`columns.${field}\``,
    where: 'header',
  });
}

function cellOf(row: CsvRow, column: number | undefined): string {
  return column === undefined ? '' : (row.cells[column] ?? '').trim();
}
