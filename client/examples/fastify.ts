import { createAssent } from '@assent/client';
import { mask, shows, usesData } from '@assent/client/fastify';
import { fastify } from 'fastify';

const assent = createAssent({
  url: process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000',
  token: process.env['ASSENT_TOKEN'] ?? '',
  discharges: ['min_cohort_300'],
});
const purpose = 'ads.personalised';
const member = { id: 'u-123', skills: ['welding'], salary: 41_000 };

export const server = fastify();
server.addHook('onClose', () => assent.close());

type Route = { Params: { user: string } };
const preHandler = usesData(assent, purpose, ['member.skills']);
server.get<Route>('/skills/:user', { preHandler }, () => Promise.resolve(member.skills));

const shape = shows({ skills: 'member.skills' }, { open: ['id'] });
server.get<Route>('/members/:user', ({ params: { user } }) => mask(assent, purpose, shape, member, { user }));
