import { Readable } from 'node:stream';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { followedLog } from '../../../test/house.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { serviceUnder } from '../../access/clients.js';
import { ChangesController } from './changes.controller.js';
import { Changes } from './changes.js';
import { policiesOn } from '../../../test/at-once.js';

test('whose answer is gone before a line of it was read leaves their place to others', async () => {
  const policies = policiesOn(REFERENCE);
  const store = new MemoryConsentStore();
  const controller = new ChangesController(new Changes(await followedLog(store), store, policies), store);
  const client = serviceUnder(policies.current.document, {
    kind: 'service',
    id: 'index',
    purposes: new Set(['ads.personalised']),
    listings: { purposes: [], scopes: [] },
  });
  const server = fastify();
  server.get('/gone', {
    onSend: async (_request, _reply, answer) => {
      if (answer instanceof Readable) answer.destroy();
      return '';
    },
    handler: (_request, reply) => controller.follow(client, {}, reply),
  });
  server.get('/read', (_request, reply) => controller.follow(client, { follow: 'false' }, reply));
  for (let place = 0; place < 100; place++) await server.inject('/gone');
  expect((await server.inject('/read')).json()).toMatchObject({ purposes: ['ads.personalised'] });
});
