import type { OriginOf } from './own-page.js';
import type { SignIn } from './sign-in.js';

/** Where people sign in. */
export class SignInDesk {
  /** The path of the public URL, without a slash at its end. */
  readonly base: string;

  /**
   * @param originOf the origin of the pages of this service
   * @param publicUrl base URL that browsers use
   * @param signIn absent in development mode, where anybody on this machine is whoever they pick
   */
  constructor(
    readonly originOf: OriginOf,
    readonly publicUrl: string,
    readonly signIn?: SignIn,
  ) {
    this.base = new URL(publicUrl).pathname.replace(/\/$/, '');
  }
}
