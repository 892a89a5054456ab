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

export const APPROVALS = { approval: { reason: 'The takeover is plain from the sign-ins.' } };

export const EXTENSIONS = {
  extension: {
    reason: 'The review of the attachments takes a day more.',
    expires_at: '2027-02-01T12:00:00Z',
  },
};

export const REVIEWERS = { reviewers: { reason: 'Rita is ill.', reviewers: [{ id: 'rob' }] } };

export const CLOSINGS = { closing: { reason: 'The messages were reviewed, and removed.' } };
