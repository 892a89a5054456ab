export function VersionsView() {
  return <h1>Versions</h1>;
}
