import { useWords } from '../../words/words.js';

export function Home() {
  const words = useWords();
  return <h1>{words.views.home}</h1>;
}
