/** An application that shows data in every way that NestJS has, over HTTP. */
import { Readable } from 'node:stream';
import { Controller, Get, Module, Sse, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Observable, of } from 'rxjs';
import type { Assent } from '../../src/assent.js';
import { AssentModule, Shows, UsesData } from '../../src/nest/index.js';

/** What no response may have while nothing is permitted. */
export const SECRET = 'metalwork';

const SKILLS = { skills: 'member.skills' } as const;
const PROFILE = { id: 'u-1', skills: [SECRET], email: 'u-1@example.com' };
const PEOPLE = [PROFILE, { ...PROFILE, id: 'u-2' }];
const OWNED = { open: ['id'], owner: 'id' };

/** Handlers that ran. */
export const ran: string[] = [];

@Controller('u/:user')
class Profiles {
  @Get('refused')
  @UsesData('ai', ['member.skills'])
  @Shows(SKILLS)
  refused() {
    ran.push('refused');
    return PROFILE;
  }

  @Get('masked')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows(SKILLS)
  masked() {
    return PROFILE;
  }

  @Get('list')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows(SKILLS, OWNED)
  list() {
    return Promise.resolve(PEOPLE);
  }

  @Get('nested')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows({ 'people.skills': 'member.skills' }, { open: ['people.id'], owner: 'people.id' })
  nested() {
    return { people: PEOPLE };
  }

  @Get('text')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows('member.skills')
  text() {
    return SECRET;
  }

  @Get('generated')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows(SKILLS, OWNED)
  async *generated() {
    yield* PEOPLE;
  }

  @Get('streamed')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows(SKILLS, OWNED)
  streamed() {
    return Readable.from(PEOPLE);
  }

  @Get('observed')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows(SKILLS, OWNED)
  observed() {
    return of(...PEOPLE);
  }

  @Sse('events')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows({ 'data.skills': 'member.skills' }, { open: ['data.id'], owner: 'data.id' })
  events(): Observable<{ data: object }> {
    return of(...PEOPLE.map((data) => ({ data })));
  }
}

/** The handlers that are masked, each with what it answers where all is permitted. */
const line = (person: object) => `${JSON.stringify(person)}\n`;
const SHOWN = ['u-1', 'u-2'].map((id) => ({ skills: [SECRET], id }));
export const MASKED: Readonly<Record<string, { readonly all: string; readonly none: string }>> = {
  masked: { all: JSON.stringify({ skills: [SECRET] }), none: '{}' },
  list: { all: JSON.stringify(SHOWN), none: '[{"id":"u-1"},{"id":"u-2"}]' },
  nested: { all: JSON.stringify({ people: SHOWN }), none: '{"people":[{"id":"u-1"},{"id":"u-2"}]}' },
  text: { all: SECRET, none: '' },
  generated: { all: SHOWN.map(line).join(''), none: '{"id":"u-1"}\n{"id":"u-2"}\n' },
  streamed: { all: SHOWN.map(line).join(''), none: '{"id":"u-1"}\n{"id":"u-2"}\n' },
  observed: { all: JSON.stringify(SHOWN[1]), none: '{"id":"u-2"}' },
  events: {
    all: `\n${SHOWN.map((data, at) => `id: ${at + 1}\ndata: ${JSON.stringify(data)}\n\n`).join('')}`,
    none: '\nid: 1\ndata: {"id":"u-1"}\n\nid: 2\ndata: {"id":"u-2"}\n\n',
  },
};

/** Starts an application; it listens on any port. */
export async function startNest(
  assent: Assent,
  controllers: Type[] = [Profiles],
  { requirePurpose = true, providers = [] }: { requirePurpose?: boolean; providers?: Type[] } = {},
): Promise<{ readonly url: string; readonly app: NestFastifyApplication }> {
  @Module({ imports: [AssentModule.forRoot({ assent, requirePurpose })], controllers, providers })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return { url: await app.getUrl(), app };
}

export async function get(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
}
