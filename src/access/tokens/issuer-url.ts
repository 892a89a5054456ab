/** Checks the URL of an issuer, as far as possible without a request. */
import { isSecureUrl } from '../../secure-url.js';

/** OpenID Connect Discovery 1.0, section 4. */
export const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** The address of a discovery document, by OpenID Connect or RFC 8414. */
const DISCOVERY = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)\/?$/;

/** Names that Entra has for any tenant, and the tenant that signs for them, where it is always the same. */
const OF_ANY_TENANT: Readonly<Record<string, string>> = {
  common: '<id of your tenant>',
  organizations: '<id of your tenant>',
  consumers: '9188040d-6c67-4c5b-b112-36a304b66dad',
};

/** What is wrong with the URL of an issuer, to follow the name of the setting. */
export function faultOfIssuer(issuer: string): string | undefined {
  const is = `is \`${issuer}\``;
  if (!isSecureUrl(issuer)) return `${is}: it must be an https URL (http only on a loopback address)`;
  const { origin, hostname, pathname, search, hash } = new URL(issuer);
  if (DISCOVERY.test(pathname))
    return `${is}, the address of a discovery document: give what stands in it as \`issuer\`, most likely \`${origin}${pathname.replace(DISCOVERY, '')}\``;
  if (search !== '' || hash !== '') return `${is}: give a URL without query and fragment`;
  const [, tenant = ''] = pathname.split('/');
  if (/^login\.(?:partner\.)?microsoftonline\./.test(hostname) && Object.hasOwn(OF_ANY_TENANT, tenant))
    return `${is}, but \`${tenant}\` signs no tokens: give the tenant that does, \`${origin}/${OF_ANY_TENANT[tenant]}/v2.0\``;
  return undefined;
}
