// The package ships no types; this is what the tests use of it.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export class Provider {
    constructor(issuer: string, configuration: object);
    /** The request listener of the provider. */
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    /** Ends the page on which a person signs in. */
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options?: object,
    ): Promise<void>;
  }
}
