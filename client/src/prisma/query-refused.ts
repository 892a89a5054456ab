/** A query that could tell more than the purpose may read, or that is not understood. The message says what to do. */
export class QueryRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QueryRefused';
  }
}
