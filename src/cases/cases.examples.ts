/** Bodies about cases. */
export const CASES = {
  report: {
    purpose: 'safety.report_review',
    user: 'u-123',
    report: 'r-2027-118',
    items: ['m-1', 'm-2'],
    reviewers: [{ id: 'rita' }],
    reason: 'A member reported two messages as threats.',
    expires_at: '2027-01-31T12:00:00Z',
  },
  investigation: {
    purpose: 'security.investigation',
    user: 'u-123',
    fields: ['message.metadata'],
    reviewers: [{ id: 'ivan' }],
    reason: 'The account was taken over, and sends what steals passwords.',
    expires_at: '2027-01-31T12:00:00Z',
  },
};

export const CLOSINGS = { closing: { reason: 'The messages were reviewed, and removed.' } };
