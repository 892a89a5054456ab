import { expect, test } from 'vitest';
import { StorageUnavailable } from '../../errors.js';
import { refusedOn } from './database-refusal.js';

function refusalOf(error: unknown): unknown {
  try {
    return refusedOn('the policies')(error);
  } catch (refusal) {
    return refusal;
  }
}

function coded(code: string, members: object = {}): Error {
  return Object.assign(new Error('secret'), { code, ...members });
}

/** As Prisma wraps what its adapter throws. */
function ofPrisma(code: string, cause: object): Error {
  return coded(code, { meta: { driverAdapterError: Object.assign(new Error('secret'), { cause }) } });
}

test.each<readonly [string, unknown, string]>([
  [
    'does not answer',
    new Error('Query read timeout'),
    'the database did not answer within 5 s when it was asked for the policies',
  ],
  [
    'gives no connection in time',
    new Error('timeout exceeded when trying to connect'),
    'did not answer within 5 s',
  ],
  [
    'is too slow',
    ofPrisma('P2039', { originalCode: '57014', kind: 'postgres' }),
    'was not done with the policies in time',
  ],
  [
    'starts',
    ofPrisma('P2039', { originalCode: '57P03', kind: 'postgres' }),
    'starts up or shuts down just now',
  ],
  [
    'is not there',
    ofPrisma('P1001', { kind: 'DatabaseNotReachable', host: '127.0.0.1', port: 5432 }),
    'cannot be reached at `127.0.0.1:5432`',
  ],
  [
    'is not there at any address of its host',
    Object.assign(new AggregateError([coded('ECONNREFUSED', { address: '::1', port: 5432 })]), {
      code: 'ECONNREFUSED',
    }),
    'cannot be reached at `::1:5432`',
  ],
  ['breaks off', new Error('Connection terminated unexpectedly'), 'the connection to the database broke'],
  ['is ended', coded('57P01'), 'the connection to the database broke'],
])('of a database that %s it is said what happened, and that this may pass', (_how, error, words) => {
  const refusal = refusalOf(error);
  expect(refusal).toBeInstanceOf(StorageUnavailable);
  expect(refusal).toMatchObject({ message: expect.stringContaining(words), isPassing: true });
  expect(String(refusal)).not.toMatch(/secret|no code|Prisma/);
});

test.each<readonly [string, unknown, string]>([
  ['was closed', new Error('PGlite is closed'), 'after this process had closed it'],
  [
    'gives no code',
    new TypeError('secret'),
    'failed on the policies and gave no code (`TypeError`); see that it runs, and what the log of its server says',
  ],
  ['lacks a right', coded('42501'), 'the database refuses its user the policies'],
  ['has no connection left', coded('53300'), 'the server has no connection left'],
])('of one that %s it is said what to look at, and that it will not pass', (_how, error, words) => {
  const refusal = refusalOf(error);
  expect(String(refusal)).toContain(words);
  expect(String(refusal)).not.toContain('secret');
  expect(refusal).not.toMatchObject({ isPassing: true });
});
