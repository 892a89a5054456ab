/** A version, as people tell it from others. */
export function short(id: string): string {
  return id.replace('sha256:', '').slice(0, 10);
}

export function VersionId({ id }: { readonly id: string }) {
  return <code title={id}>{short(id)}</code>;
}
