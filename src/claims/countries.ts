/**
 * Countries and the named sets of them. Part of the network's consensus: another member is another policy hash.
 */

/** ISO 3166-1 alpha-2, officially assigned codes, and XK, which the EU and the IMF use for Kosovo. */
const COUNTRIES: ReadonlySet<string> = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
    'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO ' +
    'FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE ' +
    'JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO ' +
    'MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW ' +
    'PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM ' +
    'TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK'
  ).split(' '),
);

const EU = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
const EFTA = 'CH IS LI NO'.split(' ');

/** Members as of 2026-01-01, sorted. EEA: the EU with Iceland, Liechtenstein and Norway, without Switzerland. */
const NAMED_SETS: Readonly<Record<string, readonly string[]>> = {
  EU,
  EEA: [...EU, ...EFTA.filter((code) => code !== 'CH')].sort(),
  EFTA,
  G7: 'CA DE FR GB IT JP US'.split(' '),
  SCHENGEN: [...EU.filter((code) => code !== 'IE' && code !== 'CY'), ...EFTA].sort(),
};

export function isCountry(code: string): boolean {
  return COUNTRIES.has(code);
}

export function countryCodes(): string[] {
  return [...COUNTRIES].sort();
}

export function setNames(): string[] {
  return Object.keys(NAMED_SETS);
}

/** Members of a named set, sorted; undefined for a name that does not exist. */
export function setMembers(name: string): readonly string[] | undefined {
  return Object.hasOwn(NAMED_SETS, name) ? NAMED_SETS[name] : undefined;
}
