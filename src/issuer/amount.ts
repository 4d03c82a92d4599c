import { assetDecimals, toMinorUnits } from '../claims/index.ts';
import { IssuerError, IssuerErrorCode } from './errors.ts';

export type DecimalMark = ',' | '.';

const MARKS: readonly DecimalMark[] = ['.', ','];
/** Digits, or thousands in groups of three by one and the same mark, then a fraction. */
const SHAPES: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^(?:\d{1,3}(?:([ ',])\d{3}(?:\1\d{3})*)?|\d+)(?:\.\d+)?$/,
  ',': /^(?:\d{1,3}(?:([ '.])\d{3}(?:\1\d{3})*)?|\d+)(?:,\d+)?$/,
};
/** Longer than 2^128 with 18 decimals and grouping; keeps regular expressions off megabyte cells. */
const MAX_LENGTH = 80;

/** All the blanks and apostrophes that exports group with, as one of each. */
function tidy(cell: string): string {
  return cell
    .slice(0, MAX_LENGTH + 1)
    .replace(/[\s\u00a0\u2007\u2009\u202f]+/g, ' ')
    .replace(/[\u2019\u02bc]/g, "'")
    .trim();
}

/** `1.234,50` read with mark `,` is `1234.5`: plain, no leading or trailing zeros. */
function read(cell: string, mark: DecimalMark): string | undefined {
  if (cell.length > MAX_LENGTH || !SHAPES[mark].test(cell)) return undefined;
  const at = cell.lastIndexOf(mark);
  const whole = (at < 0 ? cell : cell.slice(0, at)).replace(/\D/g, '').replace(/^0+(?=\d)/, '');
  const fraction = (at < 0 ? '' : cell.slice(at + 1)).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/**
 * The decimal mark that a column shows: that of its cells which can be read in one way only.
 * Undefined where none shows one, or where they disagree.
 */
export function decimalMarkOf(cells: Iterable<string>): DecimalMark | undefined {
  const seen = new Set<DecimalMark>();
  for (const cell of cells) {
    const text = tidy(cell);
    const readings = MARKS.filter((mark) => read(text, mark) !== undefined);
    const [only] = readings;
    // A whole number, `1200`, reads the same in both ways and shows nothing.
    if (readings.length === 1 && only !== undefined) seen.add(only);
  }
  const [mark] = seen;
  return seen.size === 1 ? mark : undefined;
}

/**
 * Minor units of an exported amount, exact: `1.234,50` EUR is 123450. Nothing is rounded and nothing guessed.
 * @param mark the export's decimal mark, if it is known
 * @throws IssuerError ISSUER_BAD_AMOUNT, ISSUER_AMBIGUOUS_AMOUNT, ISSUER_UNKNOWN_ASSET; no message holds the amount
 */
export function parseAmount(cell: string, asset: string, mark: DecimalMark | undefined): bigint {
  const decimals = assetDecimals(asset);
  if (decimals === undefined)
    throw new IssuerError(IssuerErrorCode.UnknownAsset, 'the currency is not in the asset table');
  const text = tidy(cell);
  if (/^-|-$|^\(.*\)$|\u2212/.test(text) && /\d/.test(text)) {
    throw new IssuerError(IssuerErrorCode.BadAmount, 'the balance is negative');
  }
  const readings = new Set(
    (mark === undefined ? MARKS : [mark]).map((each) => read(text, each)).filter((value) => value !== undefined),
  );
  const [value] = readings;
  if (value === undefined) throw new IssuerError(IssuerErrorCode.BadAmount, 'the balance is no number in a known form');
  if (readings.size > 1) {
    throw new IssuerError(IssuerErrorCode.AmbiguousAmount, 'comma or point may be decimal mark or thousands mark', {
      hint: 'state the decimal mark of the export',
    });
  }
  const minor = toMinorUnits(value, decimals);
  if (minor === undefined) {
    const why = (value.split('.')[1] ?? '').length > decimals ? `more than ${decimals} decimals` : 'too large';
    throw new IssuerError(IssuerErrorCode.BadAmount, `the balance has ${why} for ${asset}`);
  }
  return minor;
}
