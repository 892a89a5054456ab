/** How the page proves who asks: by the token of the host's page, or by the session cookie of the service's own. */

/** Gives a bearer token for the next request. */
export type GetToken = () => string | Promise<string>;

/** What goes along with a request. */
export type Proof = {
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: RequestCredentials;
};

/** A form or an image of another site cannot set it, so that a request with the cookie is one of this page. */
const OF_THE_PAGE = { 'x-assent-request': '1' };

/**
 * @param isChange whether the request changes something
 * @throws whatever the host's function throws
 */
export async function proofOf(getToken: GetToken | undefined, isChange: boolean): Promise<Proof> {
  return getToken === undefined
    ? { headers: isChange ? OF_THE_PAGE : {}, credentials: 'same-origin' }
    : { headers: { authorization: `Bearer ${await getToken()}` }, credentials: 'omit' };
}

/** Where people sign in and come back to the page. @param base the address of the service */
export function signInAt(base: string): string {
  return `${base}/session/sign-in?to=/settings`;
}
