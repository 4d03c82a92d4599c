import { ClaimError, ClaimErrorCode } from './errors.ts';

/**
 * Decimals of every asset that policies can name: how many digits of `1200.00` are behind the point.
 * Currencies: ISO 4217 (list one, as of 2026-01-01). Coins: the units of their own protocols; tokens: the decimals of
 * their Ethereum contracts. Part of the network's consensus: another number is another threshold.
 */
const DECIMALS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP ' +
    'CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES ' +
    'KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK ' +
    'NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB ' +
    'TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  6: 'USDC USDT EURC ATOM',
  8: 'BTC LTC BCH DOGE',
  9: 'SOL',
  10: 'DOT',
  12: 'XMR',
  18: 'ETH DAI',
};

const ASSETS: ReadonlyMap<string, number> = new Map(
  Object.entries(DECIMALS).flatMap(([decimals, codes]) =>
    codes.split(' ').map((code): [string, number] => [code, Number(decimals)]),
  ),
);

/** Amounts are compared as 128-bit integers in the circuits. */
export const MAX_AMOUNT = (1n << 128n) - 1n;

export function assetCodes(): string[] {
  return [...ASSETS.keys()].sort();
}

/** Digits behind the point, or undefined for an asset that the table does not have. */
export function assetDecimals(code: string): number | undefined {
  return ASSETS.get(code);
}

const AMOUNT = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/**
 * `1200.5` EUR to 120050: exact, never rounded.
 * @returns minor units, or undefined for what is no plain decimal, has more digits than the asset, or exceeds 2^128-1.
 */
export function toMinorUnits(amount: string, decimals: number): bigint | undefined {
  const match = amount.length <= 64 ? AMOUNT.exec(amount) : null;
  const [, whole, fraction = ''] = match ?? [];
  if (whole === undefined || fraction.length > decimals) return undefined;
  const minor = BigInt(whole + fraction.padEnd(decimals, '0'));
  return minor <= MAX_AMOUNT ? minor : undefined;
}

/** 120050 EUR cents to `1200.50`; all of the asset's decimals, so that columns line up. */
export function fromMinorUnits(minor: bigint, decimals: number): string {
  const digits = minor.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** `900.00 EUR`, for people. @throws ClaimError CLAIM_BAD_AMOUNT for an asset that the table does not have */
export function formatAmount(minor: bigint, asset: string): string {
  const decimals = assetDecimals(asset);
  if (decimals === undefined) throw new ClaimError(ClaimErrorCode.BadAmount, `unknown asset ${asset}`);
  return `${fromMinorUnits(minor, decimals)} ${asset}`;
}
