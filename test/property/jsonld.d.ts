// The package ships no types; this is what the tests use of it.
declare module 'jsonld' {
  type Options = {
    /** Refuse whatever expansion would leave out. */
    readonly safe: boolean;
    readonly documentLoader: (url: string) => Promise<never>;
  };
  const jsonld: { expand(input: object, options: Options): Promise<unknown[]> };
  export default jsonld;
}
