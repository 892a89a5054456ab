import { expect, it } from 'vitest';
import { DomainError, ERRORS, type ErrorCode } from '../errors.js';
import { problemAnswer } from './problem.js';

it('a failure that passes with time says when to try again, and no other does', () => {
  const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);
  for (const code of codes) {
    const { status, headers } = problemAnswer(new DomainError(code, ''), '');
    expect([code, headers['retry-after']]).toEqual([code, [429, 503].includes(status) ? '1' : undefined]);
  }
});
