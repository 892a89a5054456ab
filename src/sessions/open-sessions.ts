/** Sessions and signing in, as a service is set up. */
import type { Issuer } from '../access/tokens/issuer.js';
import type { TokenVerifier } from '../access/tokens/token-verifier.js';
import { loopbackOrigin, originOf } from './own-page.js';
import { Provider, type SignInIssuer } from './provider.js';
import { type KeyFor, Sealing } from './sealing.js';
import type { Lifetimes } from './session.js';
import { SignInDesk } from './sign-in-desk.js';
import { Sessions } from './sessions.js';
import { SignIn } from './sign-in.js';
import type { SpentIdStore } from './spent-ids.store.js';

export type SessionSettings = {
  /** Absent in development mode. */
  readonly oidc?: readonly Issuer[];
  readonly publicUrl: string;
  readonly session: Lifetimes;
};

/**
 * @param now milliseconds since the Unix epoch
 * @param onTrouble called when a provider refuses or does not answer, with why
 */
export function openSessions(
  { oidc, publicUrl, session }: SessionSettings,
  verifier: TokenVerifier,
  spent: SpentIdStore,
  keyFor: KeyFor,
  now: () => number,
  onTrouble: (issuer: string, because: string) => void,
): { readonly sessions: Sessions; readonly desk: SignInDesk } {
  const sessions = new Sessions(new Sealing('sessions', keyFor, now), spent, session, verifier.issuers, now);
  if (oidc === undefined) return { sessions, desk: new SignInDesk(loopbackOrigin, publicUrl) };
  const providers = oidc
    .filter((issuer): issuer is SignInIssuer => issuer.signIn !== undefined)
    .map(
      (issuer) =>
        new Provider(issuer, `${publicUrl}/session/callback`, now, (because) =>
          onTrouble(issuer.issuer, because),
        ),
    );
  const signIn = new SignIn(providers, new Sealing('signing in', keyFor, now), spent, verifier, now);
  return { sessions, desk: new SignInDesk(originOf(publicUrl), publicUrl, signIn) };
}
