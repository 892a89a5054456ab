// Made from the OpenAPI document of the service, and held against it by client/test/api.spec.ts: do not edit.
// `npx vitest run --project client client/test/api.spec.ts -u` makes it anew.
export interface paths {
    "/access/v1/evaluation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** May this purpose read this field of this user, now? */
        post: operations["evaluate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/access/v1/evaluations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Many evaluations in one request, answered in order */
        post: operations["evaluateAll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audiences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which of these users may this purpose read these fields of, now?
         * @description Users in a JSON body, or one a line as a stream of any length, with the question in the query. The answer is written while the users are read.
         */
        post: operations["decideAudience"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        EvaluationRequest: {
            /** @description send it as `consistency_token` in `context` */
            token?: unknown;
            subject: {
                /** Format: id */
                type: string;
                /** Format: id */
                id: string;
                properties?: Record<string, never>;
            };
            action: {
                /** Format: id */
                name: string;
                properties?: Record<string, never>;
            };
            resource: {
                /** Format: id */
                type: string;
                /** Format: user */
                id: string;
                /** @description send it in `properties` of `resource` */
                visibility?: unknown;
                /** @description send it in `properties` of `resource` */
                users?: unknown;
                properties?: {
                    /** Format: user */
                    user?: string;
                    /** @description for one, send `user` */
                    users?: string[];
                    /** Format: id */
                    field?: string;
                    /** Format: id */
                    visibility?: string;
                    /** Format: id */
                    item?: string;
                    /** @description send it as `visibility` */
                    level?: unknown;
                } & {
                    [key: string]: unknown;
                };
            };
            context?: {
                /** @description send it as `consistency_token` */
                revision?: unknown;
                /** @description send it as `consistency_token` */
                token?: unknown;
                /** @description send it in `properties` of `resource` */
                visibility?: unknown;
                /** @description send it in `properties` of `resource` */
                users?: unknown;
                /** Format: id */
                case?: string;
                /** @description an access token: at most 16,384 printable ASCII characters, without `Bearer` */
                reader_token?: string;
                discharge?: boolean;
                /** @description send it to `/v1/discharges` */
                discharge_token?: unknown;
                /** Format: user */
                on_behalf_of?: string;
                /** @enum {string} */
                actor?: "automated" | "human";
                /** Format: id */
                legal_reference?: string;
                /** Format: id */
                consistency_token?: string;
                /** @enum {string} */
                consistency?: "confirmed";
            } & {
                [key: string]: unknown;
            };
            /** @description send it in `properties` of `resource` */
            visibility?: unknown;
            /** @description send it in `properties` of `resource` */
            users?: unknown;
            /** @description send it in `context` */
            consistency_token?: unknown;
            /** @description send it in `context` */
            consistency?: unknown;
            /** @description send it as `consistency_token` in `context` */
            revision?: unknown;
        } & {
            [key: string]: unknown;
        };
        Problem: {
            /** @description `urn:assent:problem:` and the error code */
            type: string;
            title: string;
            status: number;
            /** @description what happened, and what to do next */
            detail: string;
            request_id: string;
            /** @description the member at fault, as a JSON Pointer */
            member?: string;
        };
        DecisionContext: {
            /**
             * @description `permitted` when the decision is true
             * @enum {string}
             */
            reason: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
            /** @description the policy version */
            policy: string;
            /** @description consistency token of the revision that the decision rests on */
            revision: string;
            /** @description what the caller must do with what it reads */
            obligations: string[];
            /** @description of a derived field: which of those it is made of is closed */
            derived_source?: string;
            /** @description names the answer where what it obliges to is reported */
            discharge_token?: string;
            /** @description place in `users`, from 0, of the first one who closes it */
            closed_by?: number;
        };
        Decision: {
            decision: boolean;
            context: components["schemas"]["DecisionContext"];
        };
        EvaluationsRequest: {
            evaluations?: unknown[];
            options?: {
                /** @enum {string} */
                evaluations_semantic?: "execute_all" | "deny_on_first_deny" | "permit_on_first_permit";
            } & {
                [key: string]: unknown;
            };
            /** @description send it in `options` */
            evaluations_semantic?: unknown;
            /** @description send it in `properties` of `resource` */
            visibility?: unknown;
            /** @description send it in `properties` of `resource` */
            users?: unknown;
            /** @description send it in `context` */
            consistency_token?: unknown;
            /** @description send it in `context` */
            consistency?: unknown;
            /** @description send it as `consistency_token` in `context` */
            revision?: unknown;
            /** @description send it as `consistency_token` in `context` */
            token?: unknown;
            subject?: {
                /** Format: id */
                type: string;
                /** Format: id */
                id: string;
                properties?: Record<string, never>;
            };
            action?: {
                /** Format: id */
                name: string;
                properties?: Record<string, never>;
            };
            resource?: {
                /** Format: id */
                type: string;
                /** Format: user */
                id: string;
                /** @description send it in `properties` of `resource` */
                visibility?: unknown;
                /** @description send it in `properties` of `resource` */
                users?: unknown;
                properties?: {
                    /** Format: user */
                    user?: string;
                    /** @description for one, send `user` */
                    users?: string[];
                    /** Format: id */
                    field?: string;
                    /** Format: id */
                    visibility?: string;
                    /** Format: id */
                    item?: string;
                    /** @description send it as `visibility` */
                    level?: unknown;
                } & {
                    [key: string]: unknown;
                };
            };
            context?: {
                /** @description send it as `consistency_token` */
                revision?: unknown;
                /** @description send it as `consistency_token` */
                token?: unknown;
                /** @description send it in `properties` of `resource` */
                visibility?: unknown;
                /** @description send it in `properties` of `resource` */
                users?: unknown;
                /** Format: id */
                case?: string;
                /** @description an access token: at most 16,384 printable ASCII characters, without `Bearer` */
                reader_token?: string;
                discharge?: boolean;
                /** @description send it to `/v1/discharges` */
                discharge_token?: unknown;
                /** Format: user */
                on_behalf_of?: string;
                /** @enum {string} */
                actor?: "automated" | "human";
                /** Format: id */
                legal_reference?: string;
                /** Format: id */
                consistency_token?: string;
                /** @enum {string} */
                consistency?: "confirmed";
            } & {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        RefusedItem: {
            /** @enum {boolean} */
            decision: false;
            context: {
                error: {
                    status: number;
                    code: string;
                    message: string;
                    member?: string;
                };
            };
        };
        Decisions: {
            evaluations: (components["schemas"]["Decision"] | components["schemas"]["RefusedItem"])[];
        };
        AudienceRequest: {
            /** Format: id */
            purpose: string;
            fields: string[];
            users: string[];
            /** Format: id */
            extract?: string;
            context?: {
                /** @enum {string} */
                actor?: "automated" | "human";
                /** Format: id */
                legal_reference?: string;
                /** Format: id */
                consistency_token?: string;
                /** @enum {string} */
                consistency?: "confirmed";
            };
        };
        /** @description how many decisions had which reason, a user and a field being one */
        ReasonCounts: {
            record_unavailable?: number;
            unknown_purpose?: number;
            unknown_action?: number;
            unknown_field?: number;
            field_unclassified?: number;
            purpose_not_allowed_for_client?: number;
            floor?: number;
            field_prohibited?: number;
            category_not_allowed?: number;
            provenance_not_allowed?: number;
            consent_unavailable?: number;
            unknown_user?: number;
            regime_never?: number;
            needs_opt_in?: number;
            opted_out?: number;
            signal_opted_out?: number;
            age?: number;
            notice_outdated?: number;
            needs_automated_actor?: number;
            needs_case?: number;
            case_not_approved?: number;
            case_closed?: number;
            case_expired?: number;
            case_scope?: number;
            case_reader?: number;
            needs_legal_reference?: number;
            not_own_data?: number;
            permitted?: number;
        };
        MalformedLine: {
            line: number;
            message: string;
        };
        Audience: {
            policy: string;
            revision: string;
            purpose: string;
            fields: string[];
            /** @description the users of whom every field may be read */
            passing: string[];
            /** @description how many users were decided */
            users: number;
            counts: components["schemas"]["ReasonCounts"];
            malformed_lines: number;
            /** @description the first of them */
            malformed: components["schemas"]["MalformedLine"][];
            /** @description what the caller must do with what it reads */
            obligations: string[];
        };
        AudienceLine: {
            user: string;
            /** @description those that may be read */
            fields: string[];
            /** @description with an extract: the handle by which it names who was let through */
            member?: string;
        } | {
            line: number;
            error: string;
        } | {
            policy: string;
            revision: string;
            /** @description how many users were decided */
            users: number;
            counts: components["schemas"]["ReasonCounts"];
            malformed_lines: number;
            /** @description the first of them */
            malformed: components["schemas"]["MalformedLine"][];
            /** @description what the caller must do with what it reads */
            obligations: string[];
        };
    };
    responses: {
        /** @description `invalid_request`: the request is not well-formed; `change_lost`: the log no longer has the change that the token names */
        "invalid_request.change_lost": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:invalid_request" | "urn:assent:problem:change_lost";
                };
            };
        };
        /** @description `body_too_large`: the body is larger than the limit */
        body_too_large: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:body_too_large";
                };
            };
        };
        /** @description `headers_too_large`: the headers are larger than the limit */
        headers_too_large: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:headers_too_large";
                };
            };
        };
        /** @description `request_timeout`: the request did not arrive in time */
        request_timeout: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:request_timeout";
                };
            };
        };
        /** @description `internal_error`: something went wrong here */
        internal_error: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:internal_error";
                };
            };
        };
        /** @description `storage_unavailable`: the database does not answer now; `answers_waiting`: too many large answers wait to be read; `overloaded`: there is more to do than can be done; `identity_unavailable`: the identity provider cannot be reached */
        "storage_unavailable.answers_waiting.overloaded.identity_unavailable": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                /** @description seconds to wait */
                "Retry-After": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:storage_unavailable" | "urn:assent:problem:answers_waiting" | "urn:assent:problem:overloaded" | "urn:assent:problem:identity_unavailable";
                };
            };
        };
        /** @description `not_authenticated`: a valid bearer token is needed */
        not_authenticated: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                /** @description how a request can be authenticated */
                "WWW-Authenticate": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:not_authenticated";
                };
            };
        };
        /** @description `caller_not_allowed`: the credentials do not allow this; `purpose_not_allowed`: the client may not ask for this purpose */
        "caller_not_allowed.purpose_not_allowed": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:caller_not_allowed" | "urn:assent:problem:purpose_not_allowed";
                };
            };
        };
        /** @description `too_many_proofs`: the key has proved too many requests at once; `too_many_requests`: the client has asked for more than it may */
        "too_many_proofs.too_many_requests": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                /** @description seconds to wait */
                "Retry-After": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:too_many_proofs" | "urn:assent:problem:too_many_requests";
                };
            };
        };
        /** @description `storage_unavailable`: the database does not answer now; `answers_waiting`: too many large answers wait to be read; `overloaded`: there is more to do than can be done; `identity_unavailable`: the identity provider cannot be reached; `record_unavailable`: decisions cannot be recorded now */
        "storage_unavailable.answers_waiting.overloaded.identity_unavailable.record_unavailable": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                /** @description seconds to wait */
                "Retry-After": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:storage_unavailable" | "urn:assent:problem:answers_waiting" | "urn:assent:problem:overloaded" | "urn:assent:problem:identity_unavailable" | "urn:assent:problem:record_unavailable";
                };
            };
        };
        /** @description `caller_not_allowed`: the credentials do not allow this; `not_own_page`: a session is for pages of this service alone; `purpose_not_allowed`: the client may not ask for this purpose */
        "caller_not_allowed.not_own_page.purpose_not_allowed": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:caller_not_allowed" | "urn:assent:problem:not_own_page" | "urn:assent:problem:purpose_not_allowed";
                };
            };
        };
        /** @description `extract_not_found`: there is no such extract of this caller */
        extract_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:extract_not_found";
                };
            };
        };
        /** @description `extract_closed`: the extract is closed */
        extract_closed: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:extract_closed";
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    evaluate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EvaluationRequest"];
            };
        };
        responses: {
            /** @description the decision; a deny is a 200 too */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            400: components["responses"]["invalid_request.change_lost"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.purpose_not_allowed"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable"];
            /** @description what else went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    evaluateAll: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EvaluationsRequest"];
            };
        };
        responses: {
            /** @description the decisions, in the order of the request */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decisions"] | components["schemas"]["Decision"];
                };
            };
            400: components["responses"]["invalid_request.change_lost"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.purpose_not_allowed"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable"];
            /** @description what else went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decideAudience: {
        parameters: {
            query?: {
                /** @description of a stream */
                purpose?: string;
                /** @description of a stream, separated by commas */
                fields?: string;
                /** @description of a stream */
                actor?: "automated" | "human";
                /** @description of a stream */
                legal_reference?: string;
                /** @description of a stream */
                consistency_token?: string;
                /** @description of a stream */
                consistency?: "confirmed";
                /** @description of a stream: id of the extract that takes in who is let through */
                extract?: string;
            };
            header?: {
                /** @description the media type of the answer */
                Accept?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudienceRequest"];
                "application/x-ndjson": string;
                "text/plain": string;
            };
        };
        responses: {
            /** @description the answer, in the type of `Accept` */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audience"];
                    "application/x-ndjson": components["schemas"]["AudienceLine"];
                    "text/plain": string;
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["invalid_request.change_lost"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page.purpose_not_allowed"];
            404: components["responses"]["extract_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["extract_closed"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.record_unavailable"];
            /** @description what else went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
