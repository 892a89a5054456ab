/** The answers of AuthZEN in the OpenAPI document. */
import { REASONS } from '../decision/reasons.js';
import {
  TEXT,
  WHOLE,
  YES_OR_NO,
  either,
  just,
  listOf,
  named,
  objectOf,
  said,
  wordOf,
} from '../http/contract/shapes.js';

/** What a decision rests on. */
export const DECISION_CONTEXT = named(
  'DecisionContext',
  objectOf(
    {
      reason: said('`permitted` when the decision is true', wordOf(Object.keys(REASONS))),
      policy: said('the policy version', TEXT),
      revision: said('consistency token of the revision that the decision rests on', TEXT),
      obligations: said('what the caller must do with what it reads', listOf(TEXT)),
    },
    {
      derived_source: said('of a derived field: which of those it is made of is closed', TEXT),
      discharge_token: said('names the answer where what it obliges to is reported', TEXT),
      closed_by: said('place in `users`, from 0, of the first one who closes it', WHOLE),
    },
  ),
);

/** Answer to one evaluation. */
export const DECISION = named('Decision', objectOf({ decision: YES_OR_NO, context: DECISION_CONTEXT }));

/** Place of an item that is not well-formed. */
const REFUSED_ITEM = named(
  'RefusedItem',
  objectOf({
    decision: just(false),
    context: objectOf({ error: objectOf({ status: WHOLE, code: TEXT, message: TEXT }, { member: TEXT }) }),
  }),
);

/** Answer to a batch; without items, the answer to one evaluation. */
export const DECISIONS = either(
  named('Decisions', objectOf({ evaluations: listOf(either(DECISION, REFUSED_ITEM)) })),
  DECISION,
);

const PAGE = named('FoundPage', objectOf({ next_token: said('empty on the last page', TEXT), count: WHOLE }));

/** Beside the results, which are then empty. */
const UNKNOWN = {
  context: named(
    'SearchContext',
    objectOf({
      reason: said(
        'what of the question the policy does not have',
        wordOf(['unknown_purpose', 'unknown_action', 'unknown_field']),
      ),
      message: said('what is wrong, and what to do', TEXT),
      member: said('the member at fault, as a JSON Pointer', TEXT),
    }),
  ),
};

/** Answer to a search for purposes. */
export const FOUND_PURPOSES = named(
  'FoundPurposes',
  objectOf({ results: listOf(objectOf({ type: TEXT, id: TEXT })), page: PAGE }, UNKNOWN),
);

/** Answer to a search for fields or users. */
export const FOUND_RESOURCES = named(
  'FoundResources',
  objectOf(
    {
      results: listOf(
        objectOf({
          type: TEXT,
          id: TEXT,
          properties: objectOf(
            {},
            { user: said('of a field: whose it is', TEXT), field: said('of a user: which field', TEXT) },
          ),
        }),
      ),
      page: PAGE,
    },
    UNKNOWN,
  ),
);

/** Answer to a search for actions. */
export const FOUND_ACTIONS = named(
  'FoundActions',
  objectOf({ results: listOf(objectOf({ name: TEXT })), page: PAGE }, UNKNOWN),
);

/** Where the endpoints are (AuthZEN 1.0, section "Policy Decision Point Metadata"). */
export const ENDPOINTS = named(
  'Endpoints',
  objectOf({
    policy_decision_point: TEXT,
    access_evaluation_endpoint: TEXT,
    access_evaluations_endpoint: TEXT,
    search_subject_endpoint: TEXT,
    search_resource_endpoint: TEXT,
    search_action_endpoint: TEXT,
  }),
);
