/** Pages of the documentation as shell commands, each with what it is said to print. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './script.js';

export type Block = {
  readonly language: string;
  readonly content: string;
  readonly line: number;
  readonly left: 'not run' | 'not compared' | undefined;
};
export type Command = { readonly shell: string; readonly printed: string | undefined; readonly line: number };

export function pageOf(name: string): Block[] {
  return blocksOf(readFileSync(join(ROOT, name), 'utf8'));
}

export function blocksOf(page: string): Block[] {
  const fenced = /(?:<!-- (not run|not compared): .+ -->\s*)?^( *)```([a-z]*)\n([\s\S]*?)^\2```$/gm;
  return [...page.matchAll(fenced)].map((found) => {
    const [whole, left, indent = '', language = '', body = ''] = found;
    return {
      language,
      content: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: page.slice(0, found.index + whole.indexOf('```')).split('\n').length,
      left: left === 'not run' || left === 'not compared' ? left : undefined,
    };
  });
}

export function isAnswer({ language }: Block): boolean {
  return language === '' || language === 'text';
}

/** The commands of a page, in order, each with what it prints as far as the page says it. */
export function commandsOf(blocks: readonly Block[]): Command[] {
  return blocks.flatMap(({ language, content, line, left }, place) => {
    if (left === 'not run') return [];
    if (language === 'console') return prompted(content, line, left === undefined);
    if (language !== 'sh') return [];
    const next = blocks[place + 1];
    const isCompared = left === undefined && next !== undefined && isAnswer(next) && next.left === undefined;
    return [{ shell: content, printed: isCompared ? next.content : undefined, line }];
  });
}

/** The commands of a block that shows a terminal: `$`, a command, and what it prints. */
function prompted(content: string, line: number, isCompared: boolean): Command[] {
  return content
    .split(/^\$ /m)
    .slice(1)
    .map((session) => {
      const end = /[^\\]\n/.exec(session);
      const length = end === null ? session.length : end.index + 2;
      return {
        shell: session.slice(0, length),
        printed: isCompared ? session.slice(length) : undefined,
        line,
      };
    });
}

/** What changes from run to run, by its shape. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/sha256:([0-9a-f]+…?|…)/g, '<hash>'],
  [/"request_id":"[^"]*"/g, '"request_id":"<id>"'],
  [/[0-9a-f]{8}-([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(-[0-9a-z]+)?|…)/g, '<id>'],
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, '<time>'],
  [/[\w-]{27,}/g, '<token>'],
  [/[\d.]+ ?(ms|s)\b/g, '<duration>'],
  // pages break long answers into lines where JSON and tables may have space
  [/\s+/g, ' '],
  [/ ?([{}[\],|]) ?/g, '$1'],
];

function shapeOf(printed: string): string {
  return CHANGING.reduce((shaped, [pattern, name]) => shaped.replaceAll(pattern, name), printed).trim();
}

/** Whether the page and the run print the same. */
export function isSame(printed: string, run: string): boolean {
  const pattern = shapeOf(printed)
    .split(/ ?… ?/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${pattern}$`, 's').test(shapeOf(run));
}
