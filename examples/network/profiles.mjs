/**
 * The profile store. It owns what members say of themselves, and hands out nothing without a grant: what a grant names of
 * whom it names, and no more. It asks nobody for that. It hears from Assent what has changed since a grant was given.
 */
import { createVerifier } from '@assent/client/grants';
import { fastify } from 'fastify';
import { Pool } from 'pg';

const { ASSENT_URL, ASSENT_TOKEN, DATABASE_URL, PORT = '0' } = process.env;

/** The column of each field of the policy that is kept here. */
const COLUMNS = {
  'member.email': 'email',
  'member.industry': 'industry',
  'member.seniority': 'seniority',
  'member.skills': 'skill',
};

const database = new Pool({ connectionString: DATABASE_URL });
const verifier = createVerifier({
  url: ASSENT_URL,
  audience: 'profiles',
  // left to the callers, who say that they keep them; a grant on other terms is refused
  discharges: ['min_cohort_300', 'deidentify', 'min_cohort_50', 'training_snapshot_id'],
  changes: { token: ASSENT_TOKEN },
});
const server = fastify({ requestIdHeader: 'x-request-id' });

const body = {
  type: 'object',
  required: ['members', 'fields'],
  properties: {
    members: { type: 'array', maxItems: 200, items: { type: 'string' } },
    fields: { type: 'array', minItems: 1, items: { enum: Object.keys(COLUMNS) } },
  },
};

server.post('/profiles', { schema: { body } }, async (request, reply) => {
  const admitted = await verifier.admit({
    grant: request.headers['assent-grant'],
    proof: request.headers['dpop'],
    method: request.method,
    url: `${server.listeningOrigin}${request.url}`,
  });
  if (!admitted.permitted) return reply.code(403).send({ reason: admitted.reason, detail: admitted.message });

  const { members, fields } = request.body;
  const found = await database.query('SELECT * FROM profiles WHERE member = ANY($1)', [members]);
  const rows = new Map(found.rows.map((row) => [row.member, row]));

  // asked last, so that whoever has opted out while the database was asked is left out
  const given = [];
  const refused = [];
  for (const member of members) {
    const verdicts = fields.map((field) => ({ field, ...admitted.verdict({ user: member, field }) }));
    for (const { field, permitted, reason } of verdicts)
      if (!permitted) refused.push({ member, field, reason });
    const open = verdicts.filter(({ permitted }) => permitted);
    const row = rows.get(member);
    if (row === undefined || open.length === 0) continue;
    given.push({ member, ...Object.fromEntries(open.map(({ field }) => [field, row[COLUMNS[field]]])) });
  }

  // who was given what of whom, and when
  const { client, purpose } = admitted;
  const whom = given.map(({ member }) => member);
  log({ at: Date.now(), request: request.id, client, purpose, fields, members: whom });
  return { members: given, refused };
});

function log(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await server.listen({ port: Number(PORT), host: '127.0.0.1' });
log({ url: server.listeningOrigin });
