import { createVerifier, grantPreHandler, grantedTo } from '@assent/client/grants';
import { fastify } from 'fastify';

const url = process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000';
const verifier = createVerifier({
  url,
  issuer: process.env['ASSENT_PUBLIC_URL'] ?? url,
  audience: 'profiles',
  discharges: ['min_cohort_300'],
  changes: { token: process.env['PROFILES_TOKEN'] ?? '' },
});

export const server = fastify({ logger: true });
server.addHook('onClose', () => verifier.close());

type Route = { Params: { user: string } };
const base = process.env['PROFILES_URL'] ?? 'https://profiles.example';
const preHandler = grantPreHandler(verifier, { base, fields: ['member.skills'] });
server.get<Route>('/users/:user/skills', { preHandler }, (request) => {
  request.log.info({ client: grantedTo(request)?.client }, 'skills were read');
  return Promise.resolve(['welding']);
});
