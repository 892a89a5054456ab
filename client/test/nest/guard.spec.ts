/** A NestJS application: which requests its guard refuses. */
import { Controller, Get } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAssent } from '../../src/assent.js';
import { Shows, UsesData } from '../../src/nest/index.js';
import { SECRET, get, startNest } from './app.js';
import { Permitting } from '../asking/permitting.js';

type Request = { readonly query?: Readonly<Record<string, string>> };

const queried = ({ query = {} }: Request) => query['users']?.split(',');

@Controller()
class Members {
  @Get('u/:user/skills')
  @UsesData('ai', ['member.skills', 'member.email'])
  @Shows({ skills: 'member.skills' })
  skills() {
    return { skills: SECRET, email: SECRET, birthday: SECRET };
  }

  @Get('several')
  @UsesData<Request>('ai', ['member.skills'], { user: queried })
  @Shows({ skills: 'member.skills' })
  several() {
    return { skills: SECRET };
  }

  @Get('own/:user')
  @UsesData<Request>('ai', ['member.skills'], {
    context: ({ query }) => ({ on_behalf_of: query?.['as'] ?? '' }),
  })
  @Shows('member.skills')
  own() {
    return SECRET;
  }
}

describe('an application', () => {
  let service: Permitting;
  let url: string;
  let stop: () => Promise<void>;
  beforeEach(async () => {
    service = new Permitting();
    const started = await startNest(createAssent({ transport: service }), [Members]);
    ({ url } = started);
    stop = () => started.app.close();
  });
  afterEach(() => stop());

  test('refuses with the reason, in words, unless all of its fields may be read', async () => {
    service.opens = ({ field }) => field !== 'member.email';
    const { status, body } = await get(`${url}/u/u-1/skills`);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: '`ai` may not read `member.email`: the user denied the purpose, or one it depends on',
      purpose: 'ai',
      field: 'member.email',
      reason: 'opted_out',
    });
  });

  test.each([
    ['u-1,u-3', 200],
    ['u-1,u-2', 403],
    ['u-1,', 403],
    ['', 403],
  ])('asks for all users of the request: %j', async (users, status) => {
    service.opens = ({ user }) => user !== 'u-2';
    expect(await get(`${url}/several?users=${users}`)).toMatchObject({ status });
  });

  test('refuses a request that does not say whose data it is about', async () => {
    const { status, body } = await get(`${url}/several`);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ reason: 'invalid_question' });
    expect(service.batches).toEqual([]);
  });

  test('states the facts of the request, to guard and interceptor', async () => {
    service.opens = ({ user, context }) => context?.on_behalf_of === user;
    expect(await get(`${url}/own/u-1?as=u-1`)).toEqual({ status: 200, body: SECRET });
    expect(await get(`${url}/own/u-1?as=u-2`)).toMatchObject({ status: 403 });
  });
});
