import { useWords } from '../../words/words.js';
import { Waiting } from './waiting.js';

export function Home() {
  const words = useWords();
  return (
    <>
      <h1>{words.views.home}</h1>
      <Waiting />
    </>
  );
}
