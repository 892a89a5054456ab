export function ReplayView() {
  return <h1>Replay</h1>;
}
