/** The header by which a caller names its request, and finds it in the log. */
export const ID_HEADER = 'x-request-id';

/** Ids of callers that are kept: they stand in JSON and in a header as they are. */
export const REQUEST_ID = /^[\w.:-]{1,128}$/;
