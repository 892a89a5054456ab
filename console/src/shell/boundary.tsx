/** What stands in the place of a part of the page that could not be loaded or shown. The rest stays. */
import { Component, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useWords } from '../words/words.js';

type Props = { readonly children: ReactNode };
type State = { readonly failed: boolean };

/** Give it another `key` for another part: it stays failed. */
export class Boundary extends Component<Props, State> {
  override readonly state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const words = useWords();
  return (
    <div className="said failed" role="alert">
      <p>{words.broken}</p>
      {/* a part that a newer build took away does not come by asking for it again */}
      <Button onPress={() => location.reload()}>{words.loadAnew}</Button>
    </div>
  );
}
