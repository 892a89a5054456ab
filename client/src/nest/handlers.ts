/** Reads what the handlers of an application declare, and tells what is missing there. */
import {
  PATH_METADATA,
  RESPONSE_PASSTHROUGH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { type DiscoveryService, type MetadataScanner, Reflector } from '@nestjs/core';
import { isObject, isTexts, memberOf } from '../terms/json.js';
import { DATA_USE, NO_DATA, SHAPE, declaredIn } from './metadata.js';

/** What @nestjs/graphql notes of a resolver, and what of one for a field. */
const RESOLVER_TYPE = 'graphql:resolver_type';
const RESOLVER_OF_FIELD = 'graphql:resolve_property';
const OPTIONS_OF_GRAPHQL = 'GqlModuleOptions';

/** What methods have that something outside calls: of HTTP, GraphQL, microservices and web sockets. */
const CALLED = [
  PATH_METADATA,
  RESOLVER_TYPE,
  RESOLVER_OF_FIELD,
  'graphql:resolve_reference',
  'microservices:pattern',
  'websockets:message_mapping',
];

type Method = {
  readonly of: object;
  readonly isDeclared: boolean;
  readonly name: string;
  readonly key: string;
  readonly method: Callable;
};
/** What the metadata of a method are noted on. */
type Callable = (...args: never[]) => unknown;

const reflector = new Reflector();

/** What is wrong with the declarations of all handlers, a sentence each. */
export function faultsOf(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  requirePurpose: boolean,
): string[] {
  const runsGuards = enhancesFields(discovery);
  return methodsOf(discovery, scanner).flatMap((one) => {
    const fault = faultOf(one, requirePurpose, runsGuards);
    return fault === undefined ? [] : [`\`${one.name}.${one.key}\` ${fault}`];
  });
}

function methodsOf(discovery: DiscoveryService, scanner: MetadataScanner): Method[] {
  const prototypes = new Set<unknown>();
  // of one that is made for each request, too, Nest has an instance that was not constructed
  for (const { instance } of [...discovery.getControllers(), ...discovery.getProviders()])
    prototypes.add(Reflect.getPrototypeOf(Object(instance)));
  return [...prototypes].filter(isObject).flatMap((prototype) => {
    const of: unknown = memberOf(prototype, 'constructor');
    if (typeof of !== 'function') return [];
    const declared = declaredIn(prototype);
    return scanner.getAllMethodNames(prototype).flatMap((key) => {
      const method: unknown = Reflect.get(prototype, key);
      return isCallable(method)
        ? [{ of, isDeclared: declared.includes(key), name: of.name, key, method }]
        : [];
    });
  });
}

/** Whether Nest runs guards and interceptors for resolvers of fields. By default it does not. */
function enhancesFields(discovery: DiscoveryService): boolean {
  const options = discovery.getProviders().filter(({ name }) => name === OPTIONS_OF_GRAPHQL);
  const enhancers = options.map(({ instance }) => memberOf(instance, 'fieldResolverEnhancers'));
  return (
    enhancers.length > 0 &&
    enhancers.every((some) => isTexts(some) && some.includes('guards') && some.includes('interceptors'))
  );
}

function faultOf(
  { of, isDeclared, key, method }: Method,
  requirePurpose: boolean,
  runsGuards: boolean,
): string | undefined {
  const use = reflector.get(DATA_USE, method);
  const shape = reflector.get(SHAPE, method);
  const isHandler = CALLED.some((name) => Reflect.hasMetadata(name, method));
  if (use === undefined) {
    if (isDeclared)
      return 'has @UsesData on a method that another decorator or a subclass has replaced: put @UsesData above the others, and on the method that runs';
    if (shape !== undefined) return 'has @Shows, which does nothing alone: add @UsesData';
    const usesNone = Reflect.hasMetadata(NO_DATA.KEY, method) || Reflect.hasOwnMetadata(NO_DATA.KEY, of);
    return isHandler && requirePurpose && !usesNone
      ? 'names no purpose: add @UsesData, or @UsesNoData where it uses no data of users'
      : undefined;
  }
  if (Reflect.hasMetadata(NO_DATA.KEY, method)) return 'has both @UsesData and @UsesNoData: leave one out';
  if (!isHandler) return 'has @UsesData and is no handler, so nothing would guard it: ask with `Assent`';
  if (shape === undefined) return 'does not say what its response shows: add @Shows';
  const other = shape.fields.find((field) => !use.fields.includes(field));
  if (other !== undefined) return `shows \`${other}\`, which @UsesData does not list: list it`;
  const unasked =
    use.onDeny === 'mask' ? use.fields.find((field) => !shape.fields.includes(field)) : undefined;
  if (unasked !== undefined)
    return `uses \`${unasked}\` and does not show it, so \`mask\` would not ask about it: refuse, or leave it out`;
  if (isOfField(method) && !runsGuards)
    return 'resolves a field, which Nest guards only where `fieldResolverEnhancers` has `guards` and `interceptors`: add them';
  if (answersItself(of, key, method))
    return 'answers itself with @Res or @Next, where nothing can be taken out: return the response';
  const needsUser = use.onDeny === 'refuse' || shape.isAboutRequest;
  // what is not HTTP has no route, and whoever sends it may name anybody
  const isOfRoute =
    isOfUser(of, method) &&
    !CALLED.some((name) => name !== PATH_METADATA && Reflect.hasMetadata(name, method));
  return needsUser && !use.namesUser && !isOfRoute
    ? 'does not say whose data it uses: put `:user` in the route, or say it in `user`'
    : undefined;
}

function isOfField(method: Callable): boolean {
  const type: unknown = Reflect.getMetadata(RESOLVER_TYPE, method);
  return (
    Reflect.hasMetadata(RESOLVER_OF_FIELD, method) ||
    (typeof type === 'string' && !['Query', 'Mutation', 'Subscription'].includes(type))
  );
}

/** Whether a route hands the response, or what comes after, to the handler. */
function answersItself(of: object, key: string, method: Callable): boolean {
  if (!Reflect.hasMetadata(PATH_METADATA, method)) return false;
  const parameters: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, of, key);
  const kinds = Object.keys(Object(parameters)).map((name) => Number(name.split(':')[0]));
  const isPassedThrough = Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, of, key) === true;
  return (
    !isPassedThrough && (kinds.includes(RouteParamtypes.RESPONSE) || kinds.includes(RouteParamtypes.NEXT))
  );
}

/** Whether each route of a handler names a user. */
function isOfUser(of: object, method: Callable): boolean {
  const parts = [of, method].map((target) => pathsOf(Reflect.getMetadata(PATH_METADATA, target)));
  return parts.some((paths) => paths.length > 0 && paths.every((path) => USER_IN_PATH.test(path)));
}

const USER_IN_PATH = /\/:user(?:\/|$)/;

function pathsOf(path: unknown): string[] {
  const paths: readonly unknown[] = Array.isArray(path) ? path : [path];
  return paths.map((one) => (typeof one === 'string' ? `/${one}` : ''));
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}
