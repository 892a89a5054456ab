/** Whether what arrived is an answer to what was asked. */
import { ANSWERS } from './answers.js';

/** @param asked as `GET /v1/me`; undefined: anything is an answer */
export function isAnswerTo(asked: string | undefined, answer: unknown): boolean {
  const needed = asked === undefined ? undefined : ANSWERS[asked];
  if (needed === undefined) return true;
  if (kindOf(answer) !== 'object') return false;
  const given = new Map<string, unknown>(Object.entries(Object(answer)));
  return Object.entries(needed).every(
    ([name, kinds]) =>
      given.has(name) && (kinds === 'any' || kinds.split('|').includes(kindOf(given.get(name)))),
  );
}

/** What a value is, in the words of JSON Schema. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
