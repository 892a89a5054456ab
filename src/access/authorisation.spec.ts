import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { authorise } from './authorisation.js';

function server() {
  const app = fastify();
  authorise(
    app,
    ({ url }) => url === '/open',
    (_caller, id) => id,
  );
  return app;
}

const answer = async () => 'answered';

test('a server refuses to start with a route that does not declare what it does', () => {
  expect(() => server().get('/v1/things', answer)).toThrow(
    'the route GET /v1/things does not declare what it does: add @May',
  );
  expect(() => server().get('/open', answer)).not.toThrow();
  expect(() => server().get('/v1/things', { config: { may: ['read', 'notices'] } }, answer)).not.toThrow();
});

test('a route that declares what it does is not reached by a request that nobody is known to make', async () => {
  const app = server();
  app.decorateRequest('caller', null);
  app.get('/v1/things', { config: { may: ['read', 'notices'] } }, answer);
  expect(await app.inject('/v1/things')).toMatchObject({ statusCode: 500 });
  await app.close();
});
