import type { ExtractOpening, Unlearned } from '../../extracts/extracts.store.js';
import { memberOf, parseJson } from '../../json.js';

/*
 * What is sealed in the rows of extracts, as text and back. Everything is checked: another build may have written it.
 */

export function extractText({ secret, ...opening }: ExtractOpening): string {
  return JSON.stringify({ ...opening, secret: Buffer.from(secret).toString('base64') });
}

/** @throws Error when it is none that this build knows */
export function readExtract(text: string): ExtractOpening {
  const value = parseJson(text);
  const actor = textAt(value, 'actor');
  const fields = memberOf(value, 'fields');
  if (actor !== 'automated' && actor !== 'human') return unreadable('actor');
  return {
    client: textAt(value, 'client'),
    title: textOrNullAt(value, 'title'),
    purpose: textAt(value, 'purpose'),
    fields: Array.isArray(fields) ? fields.map(String) : unreadable('fields'),
    actor,
    legalReference: textOrNullAt(value, 'legalReference'),
    policy: textAt(value, 'policy'),
    revision: numberAt(value, 'revision'),
    at: numberAt(value, 'at'),
    secret: Buffer.from(textAt(value, 'secret'), 'base64'),
  };
}

/** @throws Error when it is none that this build knows */
export function readUnlearned(text: string): Unlearned {
  const value = parseJson(text);
  return {
    since: textAt(value, 'since'),
    revision: numberAt(value, 'revision'),
    parts: numberAt(value, 'parts'),
    by: textAt(value, 'by'),
    at: numberAt(value, 'at'),
  };
}

function textOrNullAt(value: unknown, name: string): string | null {
  return memberOf(value, name) === null ? null : textAt(value, name);
}

function textAt(value: unknown, name: string): string {
  const text = memberOf(value, name);
  return typeof text === 'string' ? text : unreadable(name);
}

function numberAt(value: unknown, name: string): number {
  const number = memberOf(value, name);
  return typeof number === 'number' ? number : unreadable(name);
}

function unreadable(name: string): never {
  throw new Error(`an extract has an unreadable \`${name}\``);
}
