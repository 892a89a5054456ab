/** What a migration takes away from builds that run beside the one that brings it. */

/** A statement that takes something away, or asks for something that an older build does not give. */
const TAKES_AWAY =
  /\b(DROP|RENAME|TRUNCATE|DELETE FROM|SET DATA TYPE|SET NOT NULL)\b|\bALTER COLUMN \S+ TYPE\b/i;
/** Rules for what is in a table: the first name is that of the table. */
const RULE =
  /\bALTER TABLE (?:ONLY )?"?(\w+)"?.*\bADD (?:CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b/i;
const UNIQUE_INDEX = /\bCREATE UNIQUE INDEX .*?\bON "?(\w+)"?/i;
const TABLE = /\bCREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?"?(\w+)"?/i;
const COLUMN = /\bADD (?!CONSTRAINT\b)(?:COLUMN )?"?\w+"? [^,]*\bNOT NULL\b(?![^,]*\bDEFAULT\b)/i;
const DEFAULTED = /\bADD COLUMN [^,]*\bDEFAULT\b[^,]*/gi;

/** The statements of a migration that an older build could not go on beside, each on one line. */
export function narrowingIn(sql: string): string[] {
  const statements = sql
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim());
  const own = new Set(statements.map((statement) => TABLE.exec(statement)?.[1]));
  return statements.filter((statement) => {
    const ruled = (RULE.exec(statement) ?? UNIQUE_INDEX.exec(statement))?.[1];
    return (
      TAKES_AWAY.test(statement) ||
      (ruled !== undefined && !own.has(ruled)) ||
      COLUMN.test(statement.replaceAll(DEFAULTED, ''))
    );
  });
}
