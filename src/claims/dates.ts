/** Dates as the integer YYYYMMDD: ordered like dates, and readable in a witness dump. */

const ISO_DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;

/**
 * `2000-02-29` to 20000229.
 * @returns undefined for another form, a day that the (proleptic Gregorian) calendar does not have, or a year before 1800
 */
export function parseDate(text: string): number | undefined {
  const [, y, m, d] = (ISO_DATE.exec(text) ?? []).map(Number);
  if (y === undefined || m === undefined || d === undefined || y < 1800) return undefined;
  const date = new Date(Date.UTC(y, m - 1, d));
  return date.getUTCMonth() === m - 1 && date.getUTCDate() === d ? y * 10_000 + m * 100 + d : undefined;
}

/** 20000229 to `2000-02-29`; undefined where it is no date. */
export function formatDate(value: number): string | undefined {
  const digits = String(value).padStart(8, '0');
  const text = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
  return digits.length === 8 && parseDate(text) === value ? text : undefined;
}

/** The UTC day of a moment in Unix seconds. */
export function dayOf(seconds: number): number {
  const date = new Date(seconds * 1000);
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/**
 * The latest birth date of a person who is `years` old on `day`. May name a 29 February that its year does not have; as
 * an integer it still sits right between 28 February and 1 March, so whoever was born on a leap day comes of age on
 * 1 March of a common year.
 */
export function latestBirthDate(day: number, years: number): number {
  return day - years * 10_000;
}
