/** A NestJS application: what it answers with, and what keeps it from starting. */
import {
  Controller,
  Get,
  Injectable,
  Module,
  Next,
  Res,
  Scope,
  SetMetadata,
  StreamableFile,
} from '@nestjs/common';
import { ExternalContextCreator, NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAssent } from '../src/assent.js';
import { inProcess } from '../src/in-process.js';
import { memberOf } from '../src/json.js';
import { AssentModule, Shows, UsesData, UsesNoData } from '../src/nest/index.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { SECRET, get, startNest } from './nest-app.js';
import { Permitting } from './permitting.js';

type Request = { readonly query?: Readonly<Record<string, string>> };

const queried = ({ query = {} }: Request) => query['users']?.split(',');
const thrown = (error: unknown) => () => {
  throw error;
};

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

  @Get('later')
  @UsesData('ai', ['member.skills'], { user: () => Promise.resolve('u-1'), onDeny: 'mask' })
  @Shows({ skills: 'member.skills' })
  later() {
    return { skills: SECRET };
  }

  @Get('fails/an-error')
  @UsesData('ai', ['member.skills'], { user: thrown(new Error(SECRET)) })
  @Shows('member.skills')
  failsWithError() {
    return SECRET;
  }

  @Get('fails/nothing')
  @UsesData('ai', ['member.skills'], { user: thrown(undefined), onDeny: 'mask' })
  @Shows('member.skills')
  failsWithNothing() {
    return SECRET;
  }

  @Get('u/:user/file')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  file() {
    return new StreamableFile(Buffer.from(SECRET));
  }

  @Get('u/:user/bytes')
  @UsesData('ai', ['member.skills'])
  @Shows('member.skills')
  bytes() {
    return Buffer.from(SECRET);
  }

  @Get('u/:user/text')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  text() {
    return SECRET;
  }

  @Get('u/:user/fetched')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  fetched() {
    return new Response(SECRET);
  }

  @Get('u/:user/map')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  map() {
    return { skills: new Map([[SECRET, SECRET]]) };
  }

  @Get('u/:user/texts')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  async *texts() {
    yield SECRET;
  }

  @Get('u/:user/nothing')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  nothing() {
    return undefined;
  }

  @Get('passed/:user')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows({ skills: 'member.skills' })
  passed(@Res({ passthrough: true }) _response: unknown) {
    return { skills: SECRET };
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

  test('answers with what its response is said to show, and nothing else', async () => {
    expect(await get(`${url}/u/u-1/skills`)).toEqual({ status: 200, body: `{"skills":"${SECRET}"}` });
    expect(await get(`${url}/u/u-1/nothing`)).toEqual({ status: 200, body: '' });
  });

  test('takes out what is denied between guard and response', async () => {
    service.opens = () => service.batches.length === 1;
    expect(await get(`${url}/u/u-1/skills`)).toEqual({ status: 200, body: '{}' });
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

  test('waits for whoever says whose data it is', async () => {
    expect(await get(`${url}/later`)).toEqual({ status: 200, body: `{"skills":"${SECRET}"}` });
    service.opens = () => false;
    expect(await get(`${url}/later`)).toEqual({ status: 200, body: '{}' });
  });

  test('takes out where the handler may set headers itself', async () => {
    service.opens = () => false;
    expect(await get(`${url}/passed/u-1`)).toEqual({ status: 200, body: '{}' });
  });

  test.each([
    'fails/an-error',
    'fails/nothing',
    'u/u-1/file',
    'u/u-1/bytes',
    'u/u-1/text',
    'u/u-1/fetched',
    'u/u-1/map',
    'u/u-1/texts',
  ])('answers /%s with 500 and no data: something cannot be known, or looked into', async (path) => {
    const { status, body } = await get(`${url}/${path}`);
    expect(status).toBe(500);
    expect(body).not.toContain(SECRET);
  });
});

test('an application decides on a policy in its own process, for tests', async () => {
  @Controller(':user')
  class Ads {
    @Get()
    @UsesData('ads.personalised', ['member.skills', 'member.salary'], { onDeny: 'mask' })
    @Shows({ skills: 'member.skills', salary: 'member.salary' })
    ad() {
      return { skills: 'welding', salary: 41_000 };
    }
  }
  const person = { region: 'US-CA', age_band: 'adult' } as const;
  const transport = inProcess({ policy: REFERENCE, users: { 'u-1': person } });
  const assent = createAssent({ transport, discharges: ['min_cohort_300'] });
  const { url, app } = await startNest(assent, [Ads]);
  // a salary is not for ads
  expect(await get(`${url}/u-1`)).toEqual({ status: 200, body: '{"skills":"welding"}' });
  transport.put('u-1', { ...person, choices: { 'ads.personalised': 'denied' } });
  expect(await get(`${url}/u-1`)).toEqual({ status: 200, body: '{}' });
  expect(await get(`${url}/u-unknown`)).toEqual({ status: 200, body: '{}' });
  await app.close();
});

/** As @nestjs/graphql and the others note it. */
const Query = () => SetMetadata('graphql:resolver_type', 'Query');
const ResolveField = () => SetMetadata('graphql:resolve_property', true);
const Reference = () => SetMetadata('graphql:resolver_type', '__resolveReference');
const Pattern = () => SetMetadata('microservices:pattern', ['a']);
const Message = () => SetMetadata('websockets:message_mapping', 'a');

/** As decorators do that measure or trace, and copy no metadata. */
const Replaced = () => (_prototype: object, _key: string, descriptor: PropertyDescriptor) => ({
  ...descriptor,
  value: () => 'what nothing guards',
});

const Uses = () => UsesData('ai', ['f']);
const Named = () => UsesData('ai', ['f'], { user: () => 'u-1' });

class Faulty {
  @Get('a')
  @UsesNoData()
  none() {}

  @Get(':user/a')
  @Uses()
  unshown() {}

  @Get(':user/b')
  @Uses()
  @Shows({ a: 'f', b: 'g' })
  unlisted() {}

  @Get('c')
  @Uses()
  @Shows('f')
  nobodys() {}

  @Get([':user/d', 'd/:users'])
  @Uses()
  @Shows('f')
  sometimes() {}

  @Get('e')
  @UsesData('ai', ['f'], { onDeny: 'mask' })
  @Shows({ a: 'f' }, { owner: 'b.id' })
  ownerElsewhere() {}

  @Get(':user/j')
  @UsesData('ai', ['f', 'g'], { onDeny: 'mask' })
  @Shows({ a: 'f' })
  unasked() {}

  @Get(':user/f')
  @Uses()
  @UsesNoData()
  @Shows('f')
  both() {}

  @Get('g')
  @Shows('f')
  alone() {}

  @Get(':user/h')
  @Uses()
  @Shows('f')
  answers(@Res() _response: unknown) {}

  @Get(':user/i')
  @Uses()
  @Shows('f')
  goesOn(@Next() _next: unknown) {}

  @Named()
  @Shows('f')
  uncalled() {}

  @Query()
  @Uses()
  @Shows('f')
  query() {}

  @ResolveField()
  @Named()
  @Shows('f')
  field() {}

  @Reference()
  @Named()
  @Shows('f')
  reference() {}

  @Get(':user/k')
  @Replaced()
  @Uses()
  @Shows('f')
  replaced() {}

  @Get(':user/l')
  @Pattern()
  @Uses()
  @Shows('f')
  twoWays() {}

  @Get(':user/right')
  @Uses()
  @Shows('f')
  right() {}

  @Get('owned')
  @UsesData('ai', ['f'], { onDeny: 'mask' })
  @Shows({ a: 'f' }, { owner: 'id', open: ['b'] })
  owned() {}

  @Query()
  @Named()
  @Shows('f')
  rightQuery() {}
}
@Controller()
class FaultyController extends Faulty {}
@Injectable({ scope: Scope.REQUEST })
class FaultyResolver extends Faulty {}

const FAULTS: Readonly<Record<string, string>> = {
  replaced:
    'has @UsesData on a method that another decorator or a subclass has replaced: put @UsesData above the others, and on the method that runs',
  twoWays: 'does not say whose data it uses: put `:user` in the route, or say it in `user`',
  unshown: 'does not say what its response shows: add @Shows',
  unlisted: 'shows `g`, which @UsesData does not list: list it',
  unasked: 'uses `g` and does not show it, so `mask` would not ask about it: refuse, or leave it out',
  nobodys: 'does not say whose data it uses: put `:user` in the route, or say it in `user`',
  sometimes: 'does not say whose data it uses: put `:user` in the route, or say it in `user`',
  ownerElsewhere: 'does not say whose data it uses: put `:user` in the route, or say it in `user`',
  both: 'has both @UsesData and @UsesNoData: leave one out',
  alone: 'has @Shows, which does nothing alone: add @UsesData',
  answers: 'answers itself with @Res or @Next, where nothing can be taken out: return the response',
  goesOn: 'answers itself with @Res or @Next, where nothing can be taken out: return the response',
  uncalled: 'has @UsesData and is no handler, so nothing would guard it: ask with `Assent`',
  query: 'does not say whose data it uses: put `:user` in the route, or say it in `user`',
  field:
    'resolves a field, which Nest guards only where `fieldResolverEnhancers` has `guards` and `interceptors`: add them',
  reference:
    'resolves a field, which Nest guards only where `fieldResolverEnhancers` has `guards` and `interceptors`: add them',
};

describe('an application does not start', () => {
  const faultsOf = async (...started: Parameters<typeof startNest>) => {
    const error: unknown = await startNest(...started).then(({ app }) => app.close(), Object);
    return String(memberOf(error, 'message')).split('\n').slice(1).sort();
  };
  const assent = createAssent({ transport: new Permitting() });

  test.each([
    ['controller', FaultyController, { requirePurpose: false }],
    ['resolver', FaultyResolver, { requirePurpose: false }],
  ])('with a %s whose declarations cannot be kept, and says of each why', async (_what, part, settings) => {
    const isController = part === FaultyController;
    const faults = isController
      ? await faultsOf(assent, [part], settings)
      : await faultsOf(assent, [], { ...settings, providers: [part] });
    const expected = Object.entries(FAULTS).map(([name, fault]) => `\`${part.name}.${name}\` ${fault}`);
    expect(faults).toEqual(expected.sort());
  });

  class Silent {
    @Get('a')
    route() {}
    @Query()
    query() {}
    @ResolveField()
    field() {}
    @Pattern()
    pattern() {}
    @Message()
    message() {}
    @Get('b')
    @UsesNoData()
    none() {}
    helper() {}
  }
  @Controller()
  class SilentController extends Silent {}
  @Injectable({ scope: Scope.TRANSIENT })
  class SilentResolver extends Silent {}
  @Controller('health')
  @UsesNoData()
  class Health extends Silent {}

  test('with a handler that names no purpose, where that is required, and lists all of them', async () => {
    const settings = { requirePurpose: true, providers: [SilentResolver] };
    const faults = await faultsOf(assent, [SilentController, Health], settings);
    const names = ['route', 'query', 'field', 'pattern', 'message'];
    const fault = 'names no purpose: add @UsesData, or @UsesNoData where it uses no data of users';
    expect(faults).toEqual(
      ['SilentController', 'SilentResolver']
        .flatMap((part) => names.map((name) => `\`${part}.${name}\` ${fault}`))
        .sort(),
    );
  });

  test('with a handler that overrides one whose data is declared, and declares none', async () => {
    class Base {
      @Get(':user/a')
      @Uses()
      @Shows('f')
      a(): unknown {
        return 1;
      }
    }
    @Controller()
    class Overriding extends Base {
      @Get(':user/a')
      override a() {
        return 2;
      }
    }
    expect(await faultsOf(assent, [Overriding], { requirePurpose: false })).toEqual([
      `\`Overriding.a\` ${FAULTS['replaced']}`,
    ]);
  });

  test('with handlers of a class that inherits @UsesNoData from another', async () => {
    @UsesNoData()
    class Base {}
    @Controller()
    class Members extends Base {
      @Get('a')
      a() {}
    }
    expect(await faultsOf(assent, [Members], { requirePurpose: true })).toHaveLength(1);
  });

  test('for that reason unless it is required', async () => {
    const { app } = await startNest(assent, [SilentController], { requirePurpose: false });
    await app.close();
  });

  test('where the module is missing', async () => {
    @Controller()
    class Alone {
      @Get(':user')
      @Uses()
      @Shows('f')
      handler() {}
    }
    @Module({ controllers: [Alone] })
    class App {}
    const started = NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    await expect(started).rejects.toThrow(/dependencies of the AssentGuard/);
  });
});

test.each([
  [['', ['f']], '`purpose` is empty: send an id'],
  [['ai', []], '`fields` is empty or no list: list the fields that are used'],
  [['ai', ['']], '`field` is empty: send an id'],
  [['ai', ['f'], { onDeny: 'Mask' }], '`onDeny` is neither `refuse` nor `mask`: choose one'],
])('a declaration that cannot be kept is refused in words: %j', (given, message) => {
  expect(() => Reflect.apply(UsesData, undefined, given)).toThrow(new TypeError(message));
});

describe('a resolver', () => {
  @Injectable()
  class Members {
    @Query()
    @UsesData('ai', ['member.skills'], {
      user: (_root, context) => String(memberOf(context.getArgByIndex(1), 'id')),
    })
    @Shows({ skills: 'member.skills' })
    refused() {
      return { skills: SECRET, email: SECRET };
    }

    @ResolveField()
    @UsesData('ai', ['member.skills'], { user: (root) => String(memberOf(root, 'id')), onDeny: 'mask' })
    @Shows('member.skills')
    masked() {
      return [SECRET];
    }
  }
  const service = new Permitting();
  const assent = createAssent({ transport: service });

  /** As the module for GraphQL runs it. */
  async function resolve(name: 'refused' | 'masked', root: unknown, args: unknown): Promise<unknown> {
    const options = {
      provide: 'GqlModuleOptions',
      useValue: { fieldResolverEnhancers: ['guards', 'interceptors'] },
    };
    @Module({
      imports: [AssentModule.forRoot({ assent, requirePurpose: true })],
      providers: [Members, options],
    })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    try {
      const members = app.get(Members);
      const run = app
        .get(ExternalContextCreator)
        .create(
          members,
          members[name],
          name,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          'graphql',
        );
      const result: unknown = await run(root, args, {}, {});
      return result;
    } finally {
      await app.close();
    }
  }

  test('is guarded and masked as a handler is', async () => {
    service.opens = ({ user }) => user === 'u-1';
    expect(await resolve('refused', undefined, { id: 'u-1' })).toEqual({ skills: SECRET });
    await expect(resolve('refused', undefined, { id: 'u-2' })).rejects.toMatchObject({ status: 403 });
    expect(await resolve('masked', { id: 'u-1' }, {})).toEqual([SECRET]);
    expect(await resolve('masked', { id: 'u-2' }, {})).toBeUndefined();
  });
});

test.each([
  ['a client of its own, which it closes', true],
  ['the client of somebody else, which it does not', false],
])('an application has %s', async (_what, isOwn) => {
  const transport = new Permitting();
  const client = isOwn ? { settings: { transport } } : { assent: createAssent({ transport }) };
  @Module({ imports: [AssentModule.forRoot(client)] })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  await app.close();
  expect(transport.isClosed).toBe(isOwn);
});
