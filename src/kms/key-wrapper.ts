/** Wraps the keys of the store with a key that never leaves a service for keys (KMS): envelope encryption. */
export abstract class KeyWrapper {
  /** Names how keys are wrapped, in the key file. */
  abstract readonly scheme: string;

  /**
   * @param store the name of the store that the key is for: for another one it is not unwrapped
   * @throws Error with a message for people when that cannot be done
   */
  abstract wrap(key: Uint8Array, store: string): Promise<Uint8Array>;

  /** The key in what {@link wrap} has made for this store. @throws Error with a message for people */
  abstract unwrap(wrapped: Uint8Array, store: string): Promise<Uint8Array>;
}
