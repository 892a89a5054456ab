/** What stands where somebody wrote a time that `timeOfLocal` takes for none. */
import { useWords } from '../words/words.js';

export function NoSuchTime() {
  return (
    <p className="said failed" role="alert">
      {useWords().noSuchTime}
    </p>
  );
}
