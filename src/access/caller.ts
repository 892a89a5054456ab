/** Who calls. */

/** What a client may ask for and do, as one source says it; what is absent, the source says nothing about. */
export type Grants = {
  readonly purposes?: ReadonlySet<string>;
  readonly scopes?: ReadonlySet<string>;
};

/** A claim in which a token can list something, and what stands before each entry there. */
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
  /** What these follow from, for a refusal to tell which of the two is in the way. */
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

/** What a verified token says of its holder. INVARIANT: one token is one object for as long as it is remembered. */
export type Credentials = ServiceCredentials | AdminCaller | UserCaller;

/** Whom a request is served as. */
export type Caller = ServiceCaller | AdminCaller | UserCaller;
