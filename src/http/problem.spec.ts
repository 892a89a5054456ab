import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { request } from 'node:http';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { DomainError, ERRORS, type ErrorCode } from '../errors.js';
import { Addresses } from './addresses.js';
import { ProblemFilter, problemAnswer } from './problem.js';

it('a failure that passes with time says when to try again, and no other does', () => {
  const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);
  for (const code of codes) {
    const { status, headers } = problemAnswer(new DomainError(code, ''), '');
    expect([code, headers['retry-after']]).toEqual([code, [429, 503].includes(status) ? '1' : undefined]);
  }
});

it('a connection of ours that is reset while a body arrives is no fault of the request, and is logged', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => lines.push(line) });
  const filter = new ProblemFilter(log, 1_000, new Addresses(), () => undefined);
  const server = fastify();
  server.setErrorHandler((fault, ...told) => filter.catch(fault, new ExecutionContextHost([...told])));
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  server.addHook('onRequest', () => Promise.reject(reset));
  server.post('/', () => '');
  const url = await server.listen({ port: 0 });
  const status = await new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST' }, (reply) => resolve(reply.statusCode));
    sent.once('error', reject);
    sent.write('half of a');
  });
  server.server.closeAllConnections();
  await server.close();
  expect(status).toBe(500);
  expect(lines).toHaveLength(1);
});
