/** Copies a text, and says so until it would copy another one. */
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useWords } from '../words/words.js';

type Props = { readonly label: string; readonly text: () => string };

export function Copy({ label, text }: Props) {
  const words = useWords();
  const [copied, setCopied] = useState<string>();
  const copy = () => {
    const copying = text();
    navigator.clipboard.writeText(copying).then(
      () => setCopied(copying),
      () => setCopied(undefined),
    );
  };
  return (
    <>
      <Button onPress={copy}>{label}</Button>{' '}
      <span role="status" className="quiet">
        {copied === text() ? words.copied : ''}
      </span>
    </>
  );
}

/** Copies the address of what is shown. */
export function CopyLink() {
  return <Copy label={useWords().copyLink} text={() => location.href} />;
}
