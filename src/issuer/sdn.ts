import { sha256, toHex } from '../base/bytes.ts';
import { nameKey, normaliseName } from '../claims/index.ts';
import { type CsvRow, decodeText, parseCsv } from './csv.ts';
import { MAX_GAP_ELEMENTS } from './entry.ts';
import { IssuerError, IssuerErrorCode } from './errors.ts';
import type { ListImport, SdnImportOptions } from './interface.ts';

/**
 * Columns of OFAC's `sdn.csv`, which has no header line: ent_num, SDN_Name, SDN_Type, Program, Title, Call_Sign,
 * Vess_type, Tonnage, GRT, Vess_flag, Vess_owner, Remarks. Source: OFAC, "SDN data specification" (2023-09-25).
 */
const SDN_COLUMNS = 12;
const SDN = { id: 0, name: 1, type: 2, remarks: 11 } as const;
/** `alt.csv`: ent_num, alt_num, alt_type (aka, fka, nka), alt_name, alt_remarks. */
const ALT_COLUMNS = 5;
const ALT = { id: 0, name: 3 } as const;
const VESSEL_TYPES: ReadonlySet<string> = new Set(['vessel', 'aircraft']);
/** The published files end with the control character that CP/M marked a text's end with. */
const END_OF_TEXT = '\u001a';
/** Weak aliases stand in remarks only: `a.k.a. 'ABU-'UMAR';`. A quote closes one where the remark's part ends. */
const REMARK_ALIAS = /\b[afn]\.k\.a\.,?\s+'([^;]{1,200}?)'(?=\s*(?:[;.(]|$))/gi;

/**
 * Reads OFAC's list of Specially Designated Nationals into name keys, for `Registry.putList`.
 * Every row must be readable: a list with a hole is worse than none.
 * @param file bytes of `sdn.csv`
 * @throws IssuerError ISSUER_BAD_LIST with the first bad line in `where`; ISSUER_LIST_TOO_LARGE above 262,143 keys
 */
export function importSdn(file: Uint8Array, options: SdnImportOptions = {}): ListImport {
  const keys = new Set<bigint>();
  const report = { rows: 0, skipped: 0, names: 0, aliases: 0 };
  const add = (name: string, where: string): void => {
    // `-0-` and signs alone are no name; nothing could ever match them.
    if (normaliseName(name) === '') throw badList('a name has no letter', where);
    keys.add(nameKey(name));
    report.names += 1;
  };

  const skippedIds = new Set<string>();
  const ids = new Set<string>();
  for (const { line, cells } of readRows(file, SDN_COLUMNS, 'sdn.csv')) {
    const where = `sdn.csv:${line}`;
    const id = idOf(cells[SDN.id], where);
    report.rows += 1;
    ids.add(id);
    if (!options.includeVessels && VESSEL_TYPES.has(textOf(cells[SDN.type]).toLowerCase())) {
      report.skipped += 1;
      skippedIds.add(id);
      continue;
    }
    add(textOf(cells[SDN.name]), where);
    for (const [, alias = ''] of textOf(cells[SDN.remarks]).matchAll(REMARK_ALIAS)) {
      if (normaliseName(alias) === '') continue;
      add(alias, where);
      report.aliases += 1;
    }
  }
  if (report.rows === 0) throw badList('the file has no rows', 'sdn.csv');

  if (options.aliases !== undefined) {
    for (const { line, cells } of readRows(options.aliases, ALT_COLUMNS, 'alt.csv')) {
      const where = `alt.csv:${line}`;
      const id = idOf(cells[ALT.id], where);
      if (!ids.has(id)) throw badList('the alias belongs to no entry of sdn.csv; the files are of two dates', where);
      if (skippedIds.has(id)) continue;
      add(textOf(cells[ALT.name]), where);
      report.aliases += 1;
    }
  }
  if (keys.size > MAX_GAP_ELEMENTS) {
    throw new IssuerError(IssuerErrorCode.ListTooLarge, `${keys.size} names; a list holds at most ${MAX_GAP_ELEMENTS}`);
  }
  const elements = [...keys].sort((a, b) => (a < b ? -1 : 1));
  return { elements, ...report, sourceHash: toHex(sha256(file, options.aliases ?? new Uint8Array())) };
}

function readRows(file: Uint8Array, width: number, name: string): CsvRow[] {
  const whole = decodeText(file).trimEnd();
  const text = whole.endsWith(END_OF_TEXT) ? whole.slice(0, -END_OF_TEXT.length) : whole;
  const { rows, bad } = parseCsv(text, ',');
  const [first] = bad;
  if (first !== undefined) throw badList(first.reason, `${name}:${first.line}`);
  const odd = rows.find(({ cells }) => cells.length !== width);
  if (odd !== undefined) throw badList(`the row has ${odd.cells.length} columns, not ${width}`, `${name}:${odd.line}`);
  return rows;
}

/** `-0-` is OFAC's null, with or without a blank behind it. */
function textOf(cell: string | undefined): string {
  const value = (cell ?? '').trim();
  return value === '-0-' ? '' : value;
}

function idOf(cell: string | undefined, where: string): string {
  const id = textOf(cell);
  if (!/^[0-9]{1,10}$/.test(id)) throw badList('the first column is no entry number', where);
  return id;
}

function badList(message: string, where: string): IssuerError {
  return new IssuerError(IssuerErrorCode.BadList, message, {
    where,
    hint: "expected are OFAC's own comma-separated files, unchanged",
  });
}
