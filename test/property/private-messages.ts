/** What the floor of the reference policy protects. Written out: the policy's own lists are what is in question. */

/** Who may ever read a private message. */
export const READERS: ReadonlySet<string> = new Set([
  'service.messaging',
  'security.malware_scan',
  'security.harm_detection',
  'security.investigation',
  'safety.report_review',
  'legal',
  'rights',
]);

export const MESSAGES: readonly string[] = [
  'message.body',
  'message.attachment',
  'message.metadata',
  'message.draft',
  'group_private.post',
  'note.private',
];
