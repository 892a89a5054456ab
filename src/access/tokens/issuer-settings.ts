/** How issuers are configured: one by variables, or any number by a file with the same members. */
import { nearest } from '../../decision/nearest.js';
import { entriesOf } from '../../text.js';
import { faultOfIssuer } from './issuer-url.js';
import { DEFAULT_ROLES, type Issuer, KINDS, type SignInClient, faultsAmong } from './issuer.js';
import { ROLES, type Role } from '../policy-permissions.js';
import { PROFILES, isProviderName } from './provider-profiles.js';

/** The settings of an issuer. */
export const ISSUER_SETTINGS = [
  'issuer',
  'provider',
  'audience',
  'audience_services',
  'audience_users',
  'audience_admins',
  'admin_roles',
  'client_claim',
  'user_claim',
  'roles_claim',
  'scope_claim',
  'purposes_claim',
  'leeway_seconds',
  'sign_in_client',
  'sign_in_secret',
  'sign_in_scope',
  'sign_in_parameters',
] as const;
export type IssuerSetting = (typeof ISSUER_SETTINGS)[number];
/** More settings for when there are several issuers. */
const FILE_SETTINGS = [...ISSUER_SETTINGS, 'id_prefix', 'shared_ids'] as const;
const LIST = 'issuers';
const LIST_AND_SETTINGS = [LIST, ...FILE_SETTINGS];
type Setting = (typeof FILE_SETTINGS)[number];

type Read = (setting: Setting) => string | undefined;
type Say = (problem: string) => void;

/**
 * Reads one issuer.
 *
 * @param name the name of a setting in its source
 * @param say called with each error
 */
export function issuerFrom(read: Read, name: (setting: Setting) => string, say: Say): Issuer {
  const issuer = read('issuer') ?? '';
  const fault = faultOfIssuer(issuer);
  if (fault !== undefined) say(`${name('issuer')} ${fault}`);
  const provider = read('provider') ?? 'generic';
  if (!isProviderName(provider))
    say(`${name('provider')} is \`${provider}\`: ${oneOf(provider, Object.keys(PROFILES))}`);
  const listed = (setting: Setting) => listOf(read(setting));
  const shared = read('shared_ids') ?? 'no';
  if (shared !== 'yes' && shared !== 'no') say(`${name('shared_ids')} is \`${shared}\`: give yes or no`);
  const claims = Object.entries({
    client: read('client_claim'),
    user: read('user_claim'),
    roles: read('roles_claim'),
    scopes: read('scope_claim'),
    purposes: read('purposes_claim'),
  }).filter(([, claim]) => claim !== undefined);
  const signIn = signInFrom(read, name, say);
  return {
    issuer,
    provider: isProviderName(provider) ? provider : 'generic',
    audiences: {
      services: listed('audience_services') ?? listed('audience') ?? [],
      users: listed('audience_users') ?? listed('audience') ?? [],
      admins: listed('audience_admins') ?? listed('audience') ?? [],
    },
    claims: Object.fromEntries(claims),
    roles: rolesFrom(listed('admin_roles'), name('admin_roles'), say),
    prefix: read('id_prefix') ?? '',
    shared: shared === 'yes',
    leeway: leewayFrom(read('leeway_seconds') ?? '5', name('leeway_seconds'), say),
    ...(signIn === undefined ? {} : { signIn }),
  };
}

/**
 * Reads the issuers of a file.
 *
 * @param place names the file in words
 */
export function issuersFrom(value: unknown, place: string, say: Say): Issuer[] {
  const whole = membersOf(value);
  const listed = whole.get(LIST);
  const entries: readonly unknown[] = Array.isArray(listed) ? listed : [];
  if (Array.isArray(value)) say(`${place} is a list: put it into a member, \`{"issuers": […]}\``);
  else if (entries.length === 0)
    say(`${place} names no issuers: give \`{"issuers":[{"issuer":"https://…"}]}\``);
  if (!Array.isArray(value))
    for (const member of whole.keys())
      if (nearest(member, LIST_AND_SETTINGS) === LIST)
        say(`${place} has a member \`${member}\`: did you mean \`${LIST}\`?`);
      else if (member !== LIST)
        say(
          `${place} has a member \`${member}\` outside of the list: put it into the issuer that it is of, or remove it`,
        );
  const issuers = entries.map((entry: unknown, index) => {
    const at = `${place}, issuer ${index + 1}`;
    const written = new Map<Setting, unknown>();
    for (const [member, content] of membersOf(entry)) {
      const setting = settingMeant(member);
      // a misspelt name counts as the name it is near to, so that one mistake gives one message
      if (setting !== undefined && (setting === member || !written.has(setting)))
        written.set(setting, content);
      if (setting !== member)
        say(`${at}: there is no member \`${member}\`: ${meaning(setting, FILE_SETTINGS)}`);
      else if (typeof content !== 'string') say(`${at}: \`${member}\` must be a text`);
    }
    const read: Read = (setting) => {
      const content = written.get(setting);
      return typeof content === 'string' && content !== '' ? content : undefined;
    };
    const issuer = issuerFrom(read, (setting) => `${at}: \`${setting}\``, say);
    if (KINDS.every((kind) => issuer.audiences[kind].length === 0)) say(`${at}: give it an \`audience\``);
    return issuer;
  });
  for (const fault of faultsAmong(issuers)) say(`${place}: ${fault}`);
  return issuers;
}

function membersOf(value: unknown): Map<string, unknown> {
  return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
}

/** The setting that a member of the file is, or was probably meant to be, also by the name of its variable. */
function settingMeant(member: string): Setting | undefined {
  const name = member.replace(/^oidc_/i, '');
  return FILE_SETTINGS.find((setting) => setting === (nearest(name, FILE_SETTINGS) ?? name));
}

/** What to do about an unknown name. */
function oneOf(name: string, names: readonly string[]): string {
  return meaning(nearest(name, names), names);
}

function meaning(meant: string | undefined, names: readonly string[]): string {
  return meant === undefined ? `give one of ${names.join(', ')}` : `did you mean \`${meant}\`?`;
}

function listOf(text: string | undefined): string[] | undefined {
  const entries = entriesOf(text ?? '');
  return entries.length === 0 ? undefined : entries;
}

function rolesFrom(pairs: readonly string[] | undefined, name: string, say: Say): ReadonlyMap<string, Role> {
  if (pairs === undefined) return DEFAULT_ROLES;
  const roles = new Map<string, Role>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const ours = pair.slice(0, Math.max(at, 0)).trim();
    const theirs = pair.slice(at + 1).trim();
    if (!isRole(ours) || theirs === '')
      say(`${name} has \`${pair}\`: give ours=theirs, where ours is one of ${Object.keys(ROLES).join(', ')}`);
    else if (roles.has(theirs)) say(`${name} gives \`${theirs}\` two meanings: give it one`);
    else roles.set(theirs, ours);
  }
  return roles;
}

/** Parameters that each request has of its own. */
const OWN_PARAMETERS = [
  'client_id',
  'client_secret',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
];

function signInFrom(read: Read, name: (setting: Setting) => string, say: Say): SignInClient | undefined {
  const id = read('sign_in_client');
  const secret = read('sign_in_secret');
  const scope = read('sign_in_scope');
  const text = read('sign_in_parameters');
  if (id === undefined) {
    if ((secret ?? scope ?? text) !== undefined)
      say(
        `${name('sign_in_client')} is not set, and other settings of signing in are: set it to the id of the client that this service is at the issuer`,
      );
    return undefined;
  }
  if (scope !== undefined && !scope.split(' ').includes('openid'))
    say(
      `${name('sign_in_scope')} is \`${scope}\`: it must have \`openid\` (OpenID Connect Core, section 3.1.2.1)`,
    );
  const parameters = Object.fromEntries(new URLSearchParams(text));
  const own = OWN_PARAMETERS.find((parameter) => Object.hasOwn(parameters, parameter));
  if (own !== undefined)
    say(`${name('sign_in_parameters')} has \`${own}\`, which every request has of its own: remove it`);
  return {
    id,
    ...(secret === undefined ? {} : { secret }),
    ...(scope === undefined ? {} : { scope }),
    ...(text === undefined ? {} : { parameters }),
  };
}

function isRole(name: string): name is Role {
  return Object.hasOwn(ROLES, name);
}

function leewayFrom(text: string, name: string, say: Say): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 300) say(`${name} is \`${text}\`: give a whole number from 0 to 300`);
  return value;
}
