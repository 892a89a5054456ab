/** The answers as JSON Schemas: for the OpenAPI document, and to serialise the most frequent one by. */

const TEXT = { type: 'string' } as const;

/** Answer to one evaluation. */
export const ANSWER = {
  type: 'object' as const,
  required: ['decision', 'context'],
  properties: {
    decision: { type: 'boolean' as const },
    context: {
      type: 'object' as const,
      required: ['reason', 'policy', 'revision', 'obligations'],
      properties: {
        reason: { ...TEXT, description: 'a reason code; `permitted` when the decision is true' },
        policy: { ...TEXT, description: 'the policy version' },
        revision: { ...TEXT, description: 'consistency token of the revision that the decision rests on' },
        obligations: {
          type: 'array' as const,
          items: TEXT,
          description: 'what the caller must do with what it reads',
        },
      },
    },
  },
};

/** Place of an item that is not well-formed. */
const REFUSAL = {
  type: 'object' as const,
  properties: {
    decision: { type: 'boolean' as const, enum: [false] },
    context: {
      type: 'object' as const,
      properties: {
        error: {
          type: 'object' as const,
          properties: { status: { type: 'integer' as const }, message: TEXT, member: TEXT },
        },
      },
    },
  },
};

/** Answer to a batch; without items, the answer to one evaluation. */
export const ANSWERS = {
  oneOf: [
    {
      type: 'object' as const,
      required: ['evaluations'],
      properties: { evaluations: { type: 'array' as const, items: { oneOf: [ANSWER, REFUSAL] } } },
    },
    ANSWER,
  ],
};

const found = (item: Record<string, typeof TEXT>) => ({
  type: 'object' as const,
  required: ['results', 'page'],
  properties: {
    results: { type: 'array' as const, items: { type: 'object' as const, properties: item } },
    page: {
      type: 'object' as const,
      properties: {
        next_token: { ...TEXT, description: 'empty on the last page' },
        count: { type: 'integer' as const },
      },
    },
  },
});

/** Answer to a search for purposes, fields or users. */
export const FOUND_ENTITIES = found({ type: TEXT, id: TEXT });

/** Answer to a search for actions. */
export const FOUND_ACTIONS = found({ name: TEXT });
