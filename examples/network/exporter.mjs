/**
 * The exporter. It makes training sets: a file that tells of nobody, with the people in it registered in an extract of
 * Assent, so that it is known at any time whether somebody in it has withdrawn. Who has, is in no file that it hands out.
 */
import { createAssent } from '@assent/client';
import { anything, deidentify, minCohort } from '@assent/client/obligations';
import { fastify } from 'fastify';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readProfiles } from './reading.mjs';

const { ASSENT_URL, ASSENT_TOKEN, PROFILES_URL, FOLDER, PORT = '0' } = process.env;

const PURPOSE = 'ai';
const FIELDS = ['member.industry', 'member.seniority', 'member.skills'];
const INDUSTRIES = ['care', 'farming', 'law', 'software'];
/** The fewest people in an industry (`min_cohort_50`), and among those who look alike (`deidentify`). */
const FEWEST_IN_GROUP = 50;
const FEWEST_ALIKE = 10;

const assent = createAssent({
  url: ASSENT_URL,
  token: ASSENT_TOKEN,
  purpose: PURPOSE,
  // the first two by `released`, the third by the extract, whose id is in the name and the first line of the file
  discharges: ['deidentify', 'min_cohort_50', 'training_snapshot_id'],
});
const server = fastify({ requestIdHeader: 'x-request-id' });

/** The file that may be handed out, the extract that it was made of, and the handles of the people in it. */
let current;
/** The groups of the files that were handed out. Kept by this process alone: a real exporter keeps them on disk. */
const before = [];

server.post('/training-sets', async ({ body: { members }, id: request }, reply) => {
  const extract = await assent.openExtract(FIELDS, { title: 'Training set' });
  // those who permit all of it, by the handles that the extract has of them
  const handles = new Map();
  for await (const { user, permitted, member } of assent.audience(members, FIELDS, { extract: extract.id }))
    if (permitted) handles.set(user, member);
  log({ request, taken: handles.size });
  const { read } = await readProfiles(assent, {
    url: PROFILES_URL,
    members: [...handles.keys()],
    fields: FIELDS,
    request,
  });
  await extract.close();

  // the last question before the file is made: who has withdrawn while it was read
  const { members: withdrawn } = await extract.withdrawn();
  const rows = read.filter(({ member }) => !withdrawn.has(handles.get(member)));
  const { cohorts, lines } = released(rows);
  log({ request, read: read.length, kept: rows.length, released: lines.length });
  if (lines.length === 0)
    return reply.code(409).send({ detail: 'no group is large enough, and far enough from those of before' });

  const people = cohorts.flatMap((cohort) => [...cohort.people]);
  const file = join(FOLDER, `${extract.id}.ndjson`);
  await write(file, [
    { training_snapshot_id: extract.id, purpose: PURPOSE, people: people.length },
    ...lines,
  ]);
  const last = current;
  current = { file, extract, cohorts, handles: people.map((member) => handles.get(member)) };
  if (last !== undefined) await rm(last.file, { force: true });
  return { training_snapshot_id: extract.id, people: people.length };
});

/** For whoever trains: asked before every training run. */
server.get('/training-set', async (_request, reply) => {
  if (current === undefined) return reply.code(404).send({ detail: 'there is none: make one' });
  const { file, extract, cohorts, handles } = current;
  const { members: withdrawn } = await extract.withdrawn();
  const gone = handles.filter((handle) => withdrawn.has(handle)).length;
  if (gone > 0) {
    if (current?.file === file) current = undefined;
    await rm(file, { force: true });
    return reply.code(409).send({ detail: `${gone} in it have withdrawn: it is removed, make another` });
  }
  before.push(...cohorts.map(({ people }) => people));
  return reply.type('application/x-ndjson').send(await readFile(file, 'utf8'));
});

/** What may leave of these rows: industries with enough people, and in them nobody who stands out. */
function released(read) {
  const rows = read.map((row) => ({
    member: row.member,
    industry: row['member.industry'],
    seniority: row['member.seniority'],
    skill: row['member.skills'],
  }));
  const by = { column: 'industry', values: INDUSTRIES };
  const { cohorts } = minCohort(rows, { person: 'member', by, atLeast: FEWEST_IN_GROUP, before });
  const { rows: lines } = deidentify(
    cohorts.flatMap((cohort) => cohort.rows),
    {
      person: 'member',
      direct: [],
      quasi: new Map([
        ['industry', []],
        ['seniority', [anything]],
        ['skill', [anything]],
      ]),
      keep: [],
      k: FEWEST_ALIKE,
    },
  );
  return { cohorts, lines };
}

/** Writes under another name, and gives the file its own when it is whole and on the disk. */
async function write(file, lines) {
  const part = `${file}.part`;
  const handle = await open(part, 'wx');
  try {
    for (const line of lines) await handle.write(`${JSON.stringify(line)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
}

function log(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await server.listen({ port: Number(PORT), host: '127.0.0.1' });
log({ url: server.listeningOrigin });
