/** Who calls. */

/** What a client may ask for and do, according to one source; absent: the source says nothing about it. */
export type Grants = {
  readonly purposes?: ReadonlySet<string>;
  readonly scopes?: ReadonlySet<string>;
};

/** A token claim that holds a list, and the prefix of its entries. */
export type Listing = { readonly claim: string; readonly prefix: string };

/** An internal service, as its token shows it. */
export type ServiceCredentials = Grants & {
  readonly kind: 'service';
  readonly id: string;
  /** Where tokens of its issuer list what a client has. */
  readonly listings: Readonly<Record<keyof Grants, readonly Listing[]>>;
};

/** An internal service, bound to the purposes and scopes that it has under the policy in force. */
export type ServiceCaller = {
  readonly kind: 'service';
  readonly id: string;
  readonly purposes: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  /** The two sources, so that a refusal can name the one that prevents it. */
  readonly from: { readonly token: ServiceCredentials; readonly policy: Grants; readonly listed: boolean };
};
/** A person who administers policies. */
export type AdminCaller = {
  readonly kind: 'admin';
  readonly id: string;
  readonly roles: ReadonlySet<string>;
};
/** The person the data is about. */
export type UserCaller = { readonly kind: 'user'; readonly id: string };

/** What a verified token says about its holder. INVARIANT: one token is one object as long as it is remembered. */
export type Credentials = ServiceCredentials | AdminCaller | UserCaller;

/** The caller as which a request is served. */
export type Caller = ServiceCaller | AdminCaller | UserCaller;
