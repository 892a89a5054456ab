/** A NestJS application: what keeps it from starting, and what it closes. */
import { Controller, Get, Injectable, Module, Next, Res, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, test } from 'vitest';
import { createAssent } from '../../src/assent.js';
import { memberOf } from '../../src/terms/json.js';
import { AssentModule, Shows, UsesData, UsesNoData } from '../../src/nest/index.js';
import { startNest } from './app.js';
import { Message, Pattern, Query, Reference, ResolveField } from './decorators.js';
import { Permitting } from '../asking/permitting.js';

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

test('a method that declares its data twice is refused in words, as one of them would not be heeded', () => {
  class Twice {
    handler() {}
  }
  const descriptor = Object.getOwnPropertyDescriptor(Twice.prototype, 'handler') ?? {};
  Uses()(Twice.prototype, 'handler', descriptor);
  expect(() => Named()(Twice.prototype, 'handler', descriptor)).toThrow(
    new TypeError('`handler` has @UsesData twice: list all fields in one, or split the handler'),
  );
});

test.each([
  [['', ['f']], '`purpose` is empty: send an id'],
  [['ai', []], '`fields` is empty or no list: list the fields that are used'],
  [['ai', ['']], '`field` is empty: send an id'],
  [['ai', ['f'], { onDeny: 'Mask' }], '`onDeny` is neither `refuse` nor `mask`: choose one'],
])('a declaration that cannot be kept is refused in words: %j', (given, message) => {
  expect(() => Reflect.apply(UsesData, undefined, given)).toThrow(new TypeError(message));
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
