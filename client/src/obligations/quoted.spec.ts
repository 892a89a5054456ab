/** A name in a message stays in its quotation, on its line, and short. */
import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoted } from './quoted.js';

describe('a name in a message', () => {
  it('is itself where it is plain', () => {
    for (const name of ['country', 'größe', 'a b', '国', '']) expect(quoted(name)).toBe(`\`${name}\``);
  });

  it('neither ends its quotation nor forges a line nor is long, whatever it is', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 300 }), (name) => {
        const inside = quoted(name).slice(1, -1);
        expect(inside).not.toMatch(/[`\p{Cc}\u2028\u2029\u202e]/u);
        expect(inside.isWellFormed()).toBe(true);
        // each of 100 characters may become an escape of 10
        expect(inside.length).toBeLessThanOrEqual(1001);
      }),
    );
    expect(quoted('a\n`b\u202e\ud800')).toBe('`a\\u{a}\\u{60}b\\u{202e}\\u{d800}`');
    expect(quoted('😀'.repeat(101))).toBe(`\`${'😀'.repeat(100)}…\``);
    expect(quoted('x'.repeat(100))).toBe(`\`${'x'.repeat(100)}\``);
  });
});
