/** Turns errors of the YAML parser into sentences that say what to do. */
import type { ErrorCode } from 'yaml';
import { shortened } from './quoting.js';

const SENTENCES: { readonly [C in ErrorCode]?: string } = {
  BAD_DQ_ESCAPE: 'a `\\` in double quotes begins an escape: write `\\\\`, or use single quotes',
  BAD_SCALAR_START: 'a text that begins with such a sign must stand in quotes',
  BLOCK_IN_FLOW:
    'within brackets the short forms `[…]` and `{…}` alone are possible: write this in one of them',
  DUPLICATE_KEY: 'this name occurs twice in one mapping: remove one',
  KEY_OVER_1024_CHARS: 'a name has at most 1,024 characters: shorten it, or put the text in quotes',
  MULTILINE_IMPLICIT_KEY:
    'a name and its `:` must stand on one line: add the `:`, or indent the line as a part of the text above',
  NON_STRING_KEY: 'the name of a member must be a text: put it in quotes',
  RESOURCE_EXHAUSTION: 'this is nested too deeply for a policy: check the indentation and the brackets',
  TAB_AS_INDENT: 'a tab cannot indent: use spaces',
};

/** Frequent errors that share a code, by the parser's message. */
const BY_WORDS: readonly (readonly [words: RegExp, sentence: string])[] = [
  [
    /^Nested mappings/,
    'a text with `: ` in it must stand in quotes; if it is no text, check the indentation of this line and the next',
  ],
  [/block sequence may not be used/, 'a list cannot stand before a `:`: check the indentation'],
  [/same column/, 'this is not indented as the lines it belongs to: use the same number of spaces'],
  [/^Missing closing/, 'a quote is opened here or above and never closed: close it'],
  [/^Missing , or :|^Missing , between/, 'a `,` is missing between two entries in brackets: add it'],
  [/^Missing space after :/, 'a space is missing after the `:`: add it'],
  [
    /must end with a|sufficiently indented and end with/,
    'a bracket is opened here or above and never closed: close it, and indent what is in it',
  ],
  [
    /^Unexpected flow-(map|seq)-end|^Unexpected [\]}]/,
    'a bracket is closed here that was not opened: remove it, or open it',
  ],
  [
    /token in YAML|^Unexpected .*token$/,
    'this cannot stand here: check the indentation, and the quotes and brackets above',
  ],
  [/^Unexpected ,|^Unexpected empty item/, 'a `,` stands here without an entry before it: remove it'],
  [
    /^Implicit map keys need/,
    'a `:` is missing after the name, or the line is not indented as a part of what is above',
  ],
  [
    /^Sequence item without/,
    'in this line or the next, something is neither an entry with `- ` nor indented as a part of one: check the indentation',
  ],
  [/^Not a YAML token/, 'a text after `>` or `|` begins on the next line: move it there'],
  [/^Comments must be/, 'a space is missing before the `#` of the comment: add it'],
  [/scalar at node end/, 'a text ends here and another begins: put all of it in one pair of quotes'],
];

/** @param message of the parser, used if there is no better sentence */
export function syntaxSentence(code: ErrorCode, message: string): string {
  const sentence = SENTENCES[code] ?? BY_WORDS.find(([words]) => words.test(message))?.[1];
  return `this is not YAML: ${sentence ?? shortened(`${message.slice(0, 1).toLowerCase()}${message.slice(1)}`)}`;
}
