/**
 * Places that have two codes: ISO 3166-1 gives a territory a code of its own, and ISO 3166-2 lists it among the
 * subdivisions of its country as well. A user there may be recorded under either, but must have one law.
 *
 * Sources: ISO 3166-1 and ISO 3166-2 as the ISO Online Browsing Platform has them (of 2026), the codes that ISO
 * withdrew or holds reserved, and for Kosovo the user-assigned code of the European Union.
 */

/** Per alternative code of a place, the code that is used here. */
const PLACES: ReadonlyMap<string, string> = new Map([
  // China: by letters, and by the numbers of before 2017
  ['CN-HK', 'HK'],
  ['CN-91', 'HK'],
  ['CN-MO', 'MO'],
  ['CN-92', 'MO'],
  ['CN-TW', 'TW'],
  ['CN-71', 'TW'],
  ['FI-01', 'AX'],
  // France overseas: by number, and by the letters that ISO used before or uses still
  ['FR-971', 'GP'],
  ['FR-GP', 'GP'],
  ['FR-972', 'MQ'],
  ['FR-MQ', 'MQ'],
  ['FR-973', 'GF'],
  ['FR-GF', 'GF'],
  ['FR-974', 'RE'],
  ['FR-RE', 'RE'],
  ['FR-976', 'YT'],
  ['FR-YT', 'YT'],
  ['FR-BL', 'BL'],
  ['FR-MF', 'MF'],
  ['FR-NC', 'NC'],
  ['FR-PF', 'PF'],
  ['FR-PM', 'PM'],
  ['FR-TF', 'TF'],
  ['FR-WF', 'WF'],
  ['NL-AW', 'AW'],
  ['NL-BQ1', 'BQ-BO'],
  ['NL-BQ2', 'BQ-SA'],
  ['NL-BQ3', 'BQ-SE'],
  ['NL-CW', 'CW'],
  ['NL-SX', 'SX'],
  // Svalbard and Jan Mayen have one code of their own and two among those of Norway
  ['NO-21', 'SJ'],
  ['NO-22', 'SJ'],
  ['US-AS', 'AS'],
  ['US-GU', 'GU'],
  ['US-MP', 'MP'],
  ['US-PR', 'PR'],
  ['US-UM', 'UM'],
  ['US-VI', 'VI'],
  // reserved by ISO, or withdrawn
  ['AC', 'SH-AC'],
  ['CP', 'FR-CP'],
  ['DG', 'IO'],
  ['EL', 'GR'],
  ['FX', 'FR'],
  ['IC', 'ES-CN'],
  ['TA', 'SH-TA'],
  ['UK', 'GB'],
  // user-assigned
  ['XK', 'RS-KM'],
]);

/** The country of a territory that has its own country code, such as `CN` for `HK`. */
const COUNTRIES_ABOVE: ReadonlyMap<string, string> = new Map([
  ...[...PLACES]
    .filter(([other, code]) => other.length > 2 && code.length === 2)
    .map(([other, code]) => [code, other.slice(0, 2)] as const),
  ['BQ', 'NL'],
  // Ceuta and Melilla; what the Netherlands Antilles were
  ['EA', 'ES'],
  ['AN', 'NL'],
]);

/** ISO 3166-1 alpha-2. */
export const COUNTRIES: ReadonlySet<string> = new Set(
  `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
   BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
   FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
   IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
   ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
   PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
   TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`.split(
    /\s+/,
  ),
);

/** All codes of places with two codes, and of the places around them. */
export const PLACES_OF_TWO_CODES: readonly string[] = [
  ...new Set([...PLACES.keys(), ...PLACES.values(), ...COUNTRIES_ABOVE.keys(), ...COUNTRIES_ABOVE.values()]),
];

/** The one code of a place, whichever of its codes is given. */
export function placeOf(code: string): string {
  const known = PLACES.get(code);
  if (known !== undefined) return known;
  // a part of a country is named by every code of the country
  const country = PLACES.get(code.slice(0, 2));
  if (code.length === 2 || country?.length !== 2) return code;
  const part = `${country}${code.slice(2)}`;
  return PLACES.get(part) ?? part;
}

/**
 * The place of a code and those that contain it, from the innermost: a subdivision, its territory, the country it
 * belongs to.
 */
export function placesAround(code: string): string[] {
  const place = placeOf(code);
  const territory = placeOf(place.slice(0, 2));
  const country = COUNTRIES_ABOVE.get(territory);
  return [...new Set([place, territory, ...(country === undefined ? [] : [country])])];
}

/** Whether ISO 3166-1 knows the country of a code. */
export function isOfACountry(code: string): boolean {
  return placesAround(code).some((place) => COUNTRIES.has(place));
}
