import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesIn } from '../../consent/transfer/import-lines.js';
import { RowFile, recordsIn } from './rows.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-rows-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Given = Parameters<typeof RowFile.open>[1];

/** The rows of a file with this content, as they are sent. */
async function rowsOf(content: string | Buffer, given: Given = {}, name = 'rows.csv'): Promise<unknown[]> {
  const path = join(folder, name);
  await writeFile(path, content);
  const file = await RowFile.open(path, given);
  const rows: unknown[] = [];
  for await (const lines of file.lines(0)) rows.push(...lines.map((line): unknown => JSON.parse(line)));
  return rows;
}

const HEADER = 'user,region,choice\n';
/** Every value of a row holds its number and no other one. */
const RECORDS = ['u1,r1,c1', '"u, ""2",r2,"c2"', '"u3",r3,c3'];
const BODY = RECORDS.map((record) => `${record}\n`).join('');
const CHARACTERS = ['"', ',', '\n', '\r', 'x'];

function* damaged(): Generator<string> {
  for (let at = 0; at <= BODY.length; at++) {
    const [before, from, after] = [BODY.slice(0, at), BODY.slice(at), BODY.slice(at + 1)];
    yield before + after;
    for (const character of CHARACTERS) {
      yield before + character + from;
      yield before + character + after;
    }
  }
}

async function recordsOf(body: string): Promise<unknown[]> {
  const chunks = async function* () {
    yield Buffer.from(HEADER + body);
  };
  const rows: unknown[] = [];
  for await (const chunk of recordsIn(linesIn(chunks()), ',')) rows.push(...chunk);
  return rows;
}

test('a file in UTF-16 is told as that, with the option to give, compressed or not', async () => {
  const wide = Buffer.from(`\ufeff${HEADER}u-1,DE,granted\n`, 'utf16le');
  const told = 'the file is written in UTF-16: say so with --encoding utf-16le';
  await expect(rowsOf(wide)).rejects.toThrow(told);
  await expect(rowsOf(gzipSync(wide), {}, 'rows.csv.gz')).rejects.toThrow(told);
  await expect(rowsOf(Buffer.from(wide).swap16())).rejects.toThrow('--encoding utf-16be');
});

describe('a record of CSV', () => {
  test('that any one character was put into, taken from or changed harms no record but those it is in', async () => {
    const whole = await recordsOf(BODY);
    expect(whole).toMatchObject([{ user: 'u1' }, { user: 'u, "2' }, { user: 'u3' }]);
    for (const body of damaged()) {
      const rows = await recordsOf(body);
      // every line that is not empty is a row or a refusal, in order
      const lines = body.split('\n').filter((line) => line.replace(/\r$/, '') !== '');
      const taken = rows.map((row) => [...new Set(JSON.stringify(row).match(/\d/g))].join());
      const isMixed = taken.some((numbers) => numbers.length > 1);
      expect({ body, isMixed, count: rows.length }).toEqual({ body, isMixed: false, count: lines.length });
      for (const [index, line] of lines.entries()) {
        const place = RECORDS.indexOf(line);
        if (place >= 0) expect(rows[index]).toEqual(whole[place]);
      }
    }
  });

  test('whose quote is open at the end of its line spoils that line alone, and says why', async () => {
    const csv = 'user,region\nu-1,DE\n"u-2,DE\nu-3,DE\nu"4,DE\n"u-5"x,DE\nu-6,DE\n';
    expect(await rowsOf(csv)).toEqual([
      { line: 1, user: 'u-1', region: 'DE' },
      { line: 2, error: 'quote_not_valid' },
      { line: 3, user: 'u-3', region: 'DE' },
      { line: 4, error: 'quote_not_valid' },
      { line: 5, error: 'quote_not_valid' },
      { line: 6, user: 'u-6', region: 'DE' },
    ]);
  });

  test('that has fewer or more cells than the header has columns is told which', async () => {
    expect(await rowsOf('user,region\nu-1\nu-2,DE,adult\n')).toEqual([
      { line: 1, error: 'too_few_cells' },
      { line: 2, error: 'too_many_cells' },
    ]);
  });

  test.each([
    [',', ','],
    [';', ';'],
    ['|', '|'],
    ['tab', '\t'],
  ])('has its cells between `%s` when that is said', async (delimiter, character) => {
    const csv = `user,region\n"a${character}b",DE\n`.replaceAll(',', character);
    expect(await rowsOf(csv, { delimiter })).toEqual([{ line: 1, user: `a${character}b`, region: 'DE' }]);
  });

  test('whose header is one cell asks for the delimiter', async () => {
    await expect(rowsOf('user;region\nu-1;DE\n')).rejects.toThrow("with --delimiter ';'");
    await expect(rowsOf('user\tregion\nu-1\tDE\n')).rejects.toThrow("with --delimiter 'tab'");
    await expect(rowsOf('user,region\n', { delimiter: ':' })).rejects.toThrow('there is no delimiter `:`');
  });
});

describe('a first line', () => {
  test.each([
    ['u-1,DE,adult', ','],
    ['u-1;DE;adult', ';'],
    ['jane@example.org', ','],
  ])(
    'that is a row and no header, as %j, is said to be so, without what stands in it',
    async (row, delimiter) => {
      const refused = rowsOf(`${row}\nu-2,GB,adult\n`, { delimiter });
      await expect(refused).rejects.toThrow('the file has no header: its first line names no column');
      await expect(refused).rejects.not.toThrow(/u-1|jane/);
    },
  );

  test.each([
    ['user,regoin', 'the header names `regoin`, which is no column: did you mean `region`?'],
    ['user,region,Region', 'the header names `region` twice'],
    ['region,choice', 'the header does not name `user`'],
  ])('such as %s is refused in words', async (header, why) => {
    await expect(rowsOf(`${header}\n`)).rejects.toThrow(why);
  });

  test('that is not there is asked for', async () => {
    await expect(rowsOf('')).rejects.toThrow('the file is empty: its first line must be a header');
  });
});

describe('a file', () => {
  const users = 'user,region\nmüller,DE\nmöller,DE\n';
  const named = [
    { line: 1, user: 'müller', region: 'DE' },
    { line: 2, user: 'möller', region: 'DE' },
  ];

  test('that is not UTF-8 is refused as a whole until it is said how it is written', async () => {
    const bytes = Buffer.from(users, 'latin1');
    await expect(rowsOf(bytes)).rejects.toThrow('line 2 of the file is not UTF-8');
    await expect(rowsOf(gzipSync(bytes), {}, 'rows.csv.gz')).rejects.toThrow('--encoding');
    expect(await rowsOf(bytes, { encoding: 'windows-1252' })).toEqual(named);
    expect(await rowsOf(bytes, { encoding: 'latin1' })).toEqual(named);
  });

  test('that is said to be UTF-8 is taken but for the lines that are not', async () => {
    const bytes = Buffer.concat([Buffer.from(users), Buffer.from('m\xfcller,DE\n', 'latin1')]);
    expect(await rowsOf(bytes, { encoding: 'utf-8' })).toEqual([...named, { line: 3, error: 'not_utf_8' }]);
  });

  test('in two bytes a character is read when that is said, and asks for it otherwise', async () => {
    const bytes = Buffer.from(`\ufeff${users}`, 'utf16le');
    await expect(rowsOf(bytes)).rejects.toThrow('utf-16le');
    await expect(rowsOf(bytes.subarray(2).subarray(0, 60))).rejects.toThrow('utf-16le');
    expect(await rowsOf(bytes, { encoding: 'utf-16le' })).toEqual(named);
  });

  test('with bytes that are none of its encoding is refused before its first row', async () => {
    const bytes = Buffer.concat([Buffer.from(users, 'utf16le'), Buffer.of(0, 0xd8, 0x41, 0)]);
    await expect(rowsOf(bytes, { encoding: 'utf-16le' })).rejects.toThrow('not written in utf-16le');
    await expect(rowsOf(users, { encoding: 'klingon' })).rejects.toThrow('no encoding `klingon`');
  });

  test('may begin with a byte-order mark, which is no part of what it says', async () => {
    expect(await rowsOf(`\ufeff${users}`)).toEqual(named);
    expect(await rowsOf('\ufeff{"user":"u-1","region":"DE"}\n', {}, 'rows.ndjson')).toEqual([
      { user: 'u-1', region: 'DE', line: 1 },
    ]);
  });

  test('that is read in another way is another import', async () => {
    const path = join(folder, 'ids.csv');
    await writeFile(path, 'user\nu-1\n');
    const ids = await Promise.all(
      [{}, { encoding: 'utf-8' }, { encoding: 'latin1' }, { delimiter: ';' }].map(async (given) =>
        (await RowFile.open(path, given)).id(),
      ),
    );
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });
});
