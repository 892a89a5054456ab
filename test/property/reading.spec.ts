/** What comes in is read one way or refused: ids, times and JSON, held to plain readings of their rules. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSpelledId, misspelling } from '../../src/id.js';
import { JsonFault, parseJson, readJson } from '../../src/json.js';
import { textOf } from '../../src/text.js';
import { faultOfTime, sentenceOfSlip, slipOfTime, timeOf } from '../../src/time.js';

const RUNS = { numRuns: 5_000 };

describe('an id', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc
      .array(
        fc.constantFrom(
          ...Array.from('aé ü\u0308\u200b\u200d\u202e\u00a0\u3000\u2028\ufeff\ufffd\u00ad\u2800'),
        ),
        {
          minLength: 1,
          maxLength: 5,
        },
      )
      .map((units) => units.join('')),
  );

  it('has one spelling: what is accepted is its own normal form, trimmed, and nothing of it is unseen', () => {
    fc.assert(
      fc.property(texts, (text) => {
        if (!isSpelledId(text)) return;
        expect(text.normalize('NFC')).toBe(text);
        expect(text.trim()).toBe(text);
        expect(text.toWellFormed()).toBe(text);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufffd]/u);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
      RUNS,
    );
  });

  it('is accepted in any script, where it is the common spelling', () => {
    for (const id of ['u-1', 'müller', 'Ω', '用户', 'пользователь', 'مستخدم', 'u 1', '🙂', '9f8c-…-01'])
      expect(misspelling(id), id).toBeUndefined();
  });

  it.each([
    ['u-1 ', 'white space'],
    ['\u00a0u-1', 'white space'],
    ['u-1\u3000', 'white space'],
    ['u\u200b1', 'U+200B'],
    ['u\u200d1', 'U+200D'],
    ['\u202eu1', 'U+202E'],
    ['\ufeffu-1', 'U+FEFF'],
    ['u\u00ad1', 'U+00AD'],
    ['u\u0085', 'U+0085'],
    ['u\u2028', 'U+2028'],
    ['u\u3164', 'U+3164'],
    ['mu\u0308ller', 'normal form C'],
    ['\u212b', 'normal form C'],
    ['m\ufffdller', 'U+FFFD'],
  ])('is refused in words as %j', (id, words) => {
    expect(isSpelledId(id)).toBe(false);
    expect(misspelling(id)).toContain(words);
  });

  it('is never one of two that are alike once unseen characters are taken away', () => {
    const unseen = ['', ' ', '\u200b', '\u2060', '\u00a0', '\u200f', '\ufe0f', '\u0000'];
    for (const before of unseen)
      for (const after of unseen)
        expect(isSpelledId(`${before}é${after}`), JSON.stringify([before, after])).toBe(
          before + after === '',
        );
  });
});

describe('a time', () => {
  const days = fc.date({
    min: new Date('2000-01-01T00:00:00Z'),
    max: new Date('9999-12-30T00:00:00Z'),
    noInvalidDate: true,
  });

  it('means the moment that it says, whatever its offset', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -1_439, max: 1_439 }), (day, minutes) => {
        const sign = minutes < 0 ? '-' : '+';
        const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
          String(part).padStart(2, '0'),
        );
        const local = new Date(day.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        if (local.length > 23) return;
        expect(timeOf(`${local}${sign}${hours}:${rest}`)).toBe(day.getTime());
        expect(timeOf(day.toISOString())).toBe(day.getTime());
      }),
      RUNS,
    );
  });

  it('is refused for every day that does not exist, and read for every one that does', () => {
    for (const year of [2000, 2023, 2024, 2027, 2100])
      for (let month = 0; month <= 13; month++)
        for (let day = 0; day <= 32; day++) {
          const date = [String(year), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
          const length = month < 1 || month > 12 ? 0 : new Date(Date.UTC(year, month, 0)).getUTCDate();
          const text = `${date}T00:00:00Z`;
          expect(timeOf(text) !== undefined, text).toBe(day >= 1 && day <= length);
        }
  });

  it('is refused for every time of day that does not exist', () => {
    for (let hour = 0; hour < 100; hour++)
      for (const [minute, second] of [
        ['00', '00'],
        ['59', '59'],
        ['60', '00'],
        ['00', '60'],
        ['00', '61'],
      ])
        expect(timeOf(`2027-01-31T${String(hour).padStart(2, '0')}:${minute}:${second}Z`) !== undefined).toBe(
          hour < 24 && minute !== '60' && Number(second) < 60,
        );
  });

  it.each([
    [1_767_225_600, 'seconds since 1970', '2026-01-01T00:00:00Z'],
    ['1767225600', 'seconds since 1970', '2026-01-01T00:00:00Z'],
    ['1767225600000', 'milliseconds since 1970', '2026-01-01T00:00:00Z'],
    [46_023, 'spreadsheets', '2026-01-01T00:00:00Z'],
    ['46023.5', 'spreadsheets', '2026-01-01T12:00:00Z'],
    ['2027-02-30T00:00:00Z', 'a day that does not exist', '2027-02-30'],
    ['2027-01-31T24:00:00Z', 'time of day', '00:00:00'],
    ['2016-12-31T23:59:60Z', 'leap second', '59'],
    ['2027-01-31', 'a day, not a time', '2027-01-31T00:00:00Z'],
    ['2027-01-31T12:00:00', 'zone', 'Z'],
    ['2027-01-31T12:00Z', 'seconds', 'Z'],
    ['1999-12-31T23:59:59Z', 'before the year 2000', 'send'],
    ['2027-01-31T12:00:00+24:00', 'offset', '+02:00'],
    ['2027-01-31 12:00:00Z', 'RFC 3339', 'Z'],
    ['31.01.2027', 'RFC 3339', 'Z'],
    ['2027-01-31 12:00:00', 'a space between day and time', 'Z'],
    ['31.01.2027', 'year, month and day in another order', 'Z'],
    ['1/31/2027 12:00 PM', 'year, month and day in another order', 'Z'],
    ['2027/01/31', 'otherwise divided', 'Z'],
    [null, 'must be a time', 'Z'],
  ])('is refused as %j in words that say what to send', (value, words, help) => {
    expect(timeOf(value)).toBeUndefined();
    expect(faultOfTime(value)).toContain(words);
    expect(faultOfTime(value)).toContain(help);
  });

  it('is named in the same words where nothing of it may be kept', () => {
    const value = 1_767_225_600;
    const slip = slipOfTime(value) ?? expect.unreachable();
    expect(sentenceOfSlip(slip)).toBe(
      'looks like seconds since 1970: send it as RFC 3339, such as `2027-01-31T12:00:00Z`',
    );
    expect(faultOfTime(value)).toContain('looks like seconds since 1970: send it as RFC 3339, that is');
  });

  it('keeps milliseconds of a finer fraction', () => {
    expect(timeOf('2027-01-31T12:00:00.123456789+02:00')).toBe(Date.UTC(2027, 0, 31, 10, 0, 0, 123));
    expect(timeOf('2027-01-31T12:00:00.5Z')).toBe(Date.UTC(2027, 0, 31, 12, 0, 0, 500));
  });
});

/** Whether a name stands twice in an object of this JSON, by reading it a character at a time. */
function namesTwice(text: string): boolean {
  let at = 0;
  let twice = false;
  const skip = () => {
    while (' \t\r\n'.includes(text[at] ?? 'x')) at++;
  };
  const string = (): string => {
    const from = at++;
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return String(JSON.parse(text.slice(from, at)));
  };
  const value = (): void => {
    skip();
    const sign = text[at];
    if (sign === '"') string();
    else if (sign === '{' || sign === '[') {
      const names = new Set<string>();
      at++;
      for (skip(); text[at] !== '}' && text[at] !== ']'; skip()) {
        if (text[at] === ',') {
          at++;
          continue;
        }
        if (sign === '{') {
          const name = string();
          twice ||= names.has(name);
          names.add(name);
          skip();
          at++;
        }
        value();
      }
      at++;
    } else while (at < text.length && !',]} \t\r\n'.includes(text[at] ?? '')) at++;
    skip();
  };
  value();
  return twice;
}

/** JSON texts in which names stand twice now and then, in other spellings too. */
const jsonTexts = fc.letrec<{ value: string; name: string }>((tie) => ({
  name: fc.constantFrom(
    '"a"',
    '"b"',
    '"\\u0061"',
    '"a:"',
    '"{"',
    '"\\""',
    '"\\\\"',
    '"1"',
    '" "',
    '"constructor"',
    '""',
  ),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('1', '-0.5e3', 'true', 'null', '"a"', '"a\\":"', '"\\\\"', '"{\\"a\\":1,\\"a\\":2}"'),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' ,')}]`),
    fc
      .array(fc.tuple(tie('name'), tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `${name} :\n${value}`).join(', ')} }`),
  ),
})).value;

/** What is at a JSON Pointer of a text says which member stands twice. */
function faultOf(text: string): JsonFault | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

describe('JSON', () => {
  it('is refused when a name stands twice in an object, and read as it is otherwise', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const fault = faultOf(text);
        expect(fault !== undefined, text).toBe(namesTwice(text));
        if (fault === undefined) expect(parseJson(text)).toEqual(JSON.parse(text));
        else expect(fault.message).toMatch(/twice/);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is read as any other reader does, whatever a value is', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        if (faultOf(text) === undefined) expect(parseJson(text)).toEqual(JSON.parse(text));
        else expect(text).toMatch(/__proto__|constructor/);
      }),
      RUNS,
    );
  });

  it.each([
    ['{"choice":"denied","choice":"granted"}', '/choice', 'names `choice` twice'],
    ['{"choice":"denied","ch\\u006fice":"granted"}', '/choice', 'names `choice` twice'],
    ['{"a":[1,{"b/c":{"~":1,"~":2}}]}', '/a/1/b~1c/~0', 'names `~` twice'],
    ['{"a":{"__proto__":{}}}', '/a/__proto__', '__proto__'],
    ['{"constructor":{"prototype":{}}}', '/constructor/prototype', 'constructor.prototype'],
    ['{"a":1,}', undefined, 'line 1, column 8'],
    ['{\n"a":\n12x}', undefined, 'is not valid JSON'],
    ['{\n "a": oops}', undefined, 'line 2, column 7'],
    ['oops', undefined, 'line 1, column 1'],
    ['{"a":', undefined, 'ends before it is complete'],
    [' ', undefined, 'is empty'],
  ])('is refused as %s, naming the place', (text, member, words) => {
    const fault = faultOf(text);
    expect(fault?.message).toContain(words);
    expect(fault?.member).toBe(member);
  });

  it('tells the entries of a list apart, and refuses the whole for what is wrong elsewhere', () => {
    const { value, faulty } = readJson(
      '{"items":[{"a":1},{"a":1,"a":2},"\\ud800",{"b":{"__proto__":1}}]}',
      'items',
    );
    expect(value).toMatchObject({ items: [{ a: 1 }, { a: 2 }, '\ud800', {}] });
    expect([...faulty].map(([place, { member }]) => [place, member])).toEqual([
      [1, '/a'],
      [3, '/b/__proto__'],
    ]);
    expect(() => readJson('{"items":[],"items":[]}', 'items')).toThrow('names `items` twice');
    expect(() => readJson('{"items":[{"a":1,"a":2}],"b":1,"b":2}', 'items')).toThrow('names `b` twice');
  });

  it('is read however deep it is', () => {
    const deep = 200_000;
    expect(faultOf(`${'['.repeat(deep)}${']'.repeat(deep)}`)).toBeUndefined();
    expect(faultOf(`${'{"a":'.repeat(deep)}{"b":1,"b":2}${'}'.repeat(deep)}`)?.message).toContain('twice');
  });
});

describe('a text', () => {
  it('is what its bytes say, or nothing: no byte is replaced', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 16 }), (bytes) => {
        const text = textOf(Buffer.from(bytes));
        if (text === undefined)
          expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow();
        else expect([...Buffer.from(text)]).toEqual([...bytes].slice(bytes.length - Buffer.byteLength(text)));
      }),
      RUNS,
    );
  });

  it('begins after a byte-order mark, and has none taken away elsewhere', () => {
    expect(textOf(Buffer.from('\ufeffa\ufeff'))).toBe('a\ufeff');
  });
});
