/** A sign-in as the provider is asked for it: random, of one browser, for one use. */
export interface SignInRequest {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE: who has it is who asked. */
  readonly verifier: string;
}

/** Who somebody is, as the provider says. */
export interface Claims {
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** The provider of identities of an administration. All throw NII_PROVIDER_UNREACHABLE where it does not answer. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Resolves once it has said where its endpoints are. */
  ready(): Promise<void>;
  /** Where the browser signs in; from there it comes to `returnUrl`. */
  signInUrl(request: SignInRequest, returnUrl: string): Promise<string>;
  /**
   * Who came back at this address.
   * @throws NII_SIGN_IN_FAILED where the address or what the provider says of it is not as it must be
   */
  claimsOf(returned: URL, request: SignInRequest): Promise<Claims>;
  /** Where the browser signs out of the provider and comes back; undefined where there is no such place. */
  signOutUrl(returnUrl: string): Promise<string | undefined>;
}
