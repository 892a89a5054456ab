// Made from the OpenAPI document of the service, and held against it by console/test/api.spec.ts: do not edit.
// `npx vitest run --project console console/test/api.spec.ts -u` makes it anew.
export interface paths {
    "/v1/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was spent of privacy budgets, by purpose and period
         * @description Roles `auditor` and `privacy_officer`. The budget that was begun last first. `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listBudgets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How often data was used on a day, by whom, for what, under which terms; without users
         * @description Roles `auditor` and `privacy_officer`. The latest day first. As JSON in pages: `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last. As `text/csv` and `application/x-ndjson`: all of it.
         */
        get: operations["listUses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uses/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How often data was used in each day, week or month, divided by reason, client or purpose
         * @description Roles `auditor` and `privacy_officer`. Narrowed as the list of uses. The latest bucket first, without those that have nothing; `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["countUses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uses/{id}/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whose data was used on a day under the same terms: how often, and when
         * @description Roles `auditor` and `privacy_officer`. Without ids of users; the role `privacy_officer` has them with a `reason`, which is noted and told to each of these users. `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listPeopleOfUse"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/accesses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was asked for under a case, by whom, and what was answered, the latest first
         * @description `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listCaseAccesses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/consent-balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How those who remain for a purpose differ from all users
         * @description Roles `auditor` and `privacy_officer`. Users remain for whom the purpose is on, as their settings say. Numbers of users are rounded, and not told where they are few.
         */
        get: operations["getConsentBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/consent-counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many users a purpose is on and off for, by regime and reason, today or day by day
         * @description Roles `auditor` and `privacy_officer`. Numbers of users are rounded, and not told where they are few. Each day is counted once; `from` and `until` are times in the first and the last day that are asked for, at most 366 days.
         */
        get: operations["getConsentCounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The last entry of the consent log, and its hash
         * @description Role `auditor` or `privacy_officer`. Whoever keeps the hash can show later whether anything up to there was changed.
         */
        get: operations["getLogEnd"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/log/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify the whole consent log, its users and publications
         * @description Role `auditor` or `privacy_officer`. Lines of JSON: how far it is, and at last whether all of it is as it was written, or the first place that is not, and why. What failed waits for officers and auditors (`GET /v1/waiting`) until it is verified and holds.
         */
        post: operations["verifyLog"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The records that users were erased
         * @description Role `auditor` or `privacy_officer`. Nothing tells whom: that is gone.
         */
        get: operations["listErasures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/receipt-keys.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public keys of receipts, as a JWK set (RFC 7517)
         * @description Every key there ever was, with when it was made and retired. Open to everybody.
         */
        get: operations["receiptKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/receipt-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new key for receipts, and retire the present one
         * @description Role `privacy_officer`. Receipts that were signed before stay verifiable.
         */
        post: operations["rotateReceiptKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Cases that the caller may read, those that were opened last first
         * @description `status` gives those that stand so, `expires_within` those that wait or are open and end within so many hours. `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listCases"];
        put?: never;
        /**
         * Open a case
         * @description For `safety.report_review`: by a service with the scope `cases:write`, or the role `case_reviewer`, with the reference of the report and exactly the items that were reported. For `security.investigation`: by the role `security_investigator`, with the fields that are to be read; it opens nothing until a second person approves it.
         */
        post: operations["openCase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A case, with what happened to it */
        get: operations["getCase"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a case, or the extension that waits
         * @description Role `case_approver`. Nobody approves what they asked for, what they would read, or what they have not seen: `If-Match` names the case as it was read.
         */
        post: operations["approveCase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/extensions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a later end of a case
         * @description It takes two people again: the later end holds once a `case_approver` has approved it.
         */
        post: operations["extendCase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/reviewers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Name others who read under a case, in place of all before
         * @description Role `case_approver`, and not whoever opened it; for reports also a service with the scope `cases:write`. Nobody names themselves.
         */
        post: operations["reassignCase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/closings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a case, for good
         * @description From the answer on, no process permits anything under it. One that is closed stays as it is.
         */
        post: operations["closeCase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/extracts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Extracts that the caller may read, those that were opened last first
         * @description A service reads its own, an admin all. `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listExtracts"];
        put?: never;
        /**
         * Open an extract
         * @description By a service, for a purpose that it may ask for. Audiences that name the extract take into it who they let through. Its id is the `training_snapshot_id`.
         */
        post: operations["openExtract"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/extracts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An extract, with what its service said about who withdrew */
        get: operations["getExtract"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/extracts/{id}/balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many of the extract have withdrawn since?
         * @description Roles `auditor` and `privacy_officer`. Counted once a day for each policy version. Numbers are rounded, and not told where they are few, as those of the consent balance.
         */
        get: operations["getExtractBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Imports and how far they have come, those that changed last first
         * @description Roles `policy_admin`, `privacy_officer` and `auditor`. Without rows, and without single lines that were refused. `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listImports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Drafts, newest first, without their documents
         * @description `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listDrafts"];
        put?: never;
        /**
         * Open a draft, from any version
         * @description A `document` that you have in an open draft already, to follow the same version, opens no second one: that draft is answered, with 200.
         */
        post: operations["createDraft"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A draft, whole
         * @description As JSON, or its document as YAML with `Accept: application/yaml`, written anew: what was sent as YAML comes back without its comments.
         */
        get: operations["getDraft"];
        put?: never;
        post?: never;
        /**
         * Discard a draft
         * @description It stays readable.
         */
        delete: operations["discardDraft"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Replace the document of a draft
         * @description As JSON or YAML. It need not be sound, and `compiles` and `errors` of the answer say whether it is; only a sound one can be published. Voids approvals, unless it says the same as before.
         */
        put: operations["replaceDocument"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Edit the document of a draft by a JSON Patch (RFC 6902)
         * @description All operations apply, or none. The draft that they make need not be sound: `compiles` and `errors` of the answer say. Voids approvals, unless it changes nothing.
         */
        patch: operations["patchDocument"];
        trace?: never;
    };
    "/v1/policies/drafts/{id}/rebase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a draft follow the version in force
         * @description Voids approvals, unless it follows that one already.
         */
        post: operations["rebaseDraft"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All errors of a draft, the proof that the floor holds, its lints, what it changes and what it takes
         * @description Every cell of the decision table is looked at. A violation comes with a counterexample.
         */
        get: operations["checkDraft"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}/impact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * For how many users fields turn from deny to permit and from permit to deny
         * @description Counted over the live consent state. `?samples=5` adds ids of users, for privacy officers.
         */
        get: operations["getImpact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a draft
         * @description With the `ETag` of the draft in `If-Match`: for the edit that you looked at and no other, since after a rebase the same content changes something else. Nobody approves what they wrote on. What could never count is refused with the reason: a draft that must be edited before it can be published, or an approver without the role that it takes.
         */
        post: operations["approveDraft"];
        /**
         * Withdraw your own approval of a draft
         * @description Also while it waits for its time: it is refused then, if it lacks the approval. Whoever has not approved it changes nothing.
         */
        delete: operations["withdrawApproval"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}/declines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decline a draft, with a remark
         * @description As with an approval, `If-Match` and `content` say what you looked at. Your own approval of it is withdrawn, and it is published neither now nor at the time that was set, until it says something else, or you approve it or withdraw the decline; a rebase of the draft that it was given in does not lift it. Nobody declines what they wrote on: edit it, or discard it. Whoever may approve it may decline it: a change of the floor privacy officers. Declines stay readable in the draft.
         */
        post: operations["declineDraft"];
        /**
         * Withdraw your own decline of a draft
         * @description Of what the draft says, in whichever draft you gave it. You do not approve it by that. Whoever does not decline it changes nothing.
         */
        delete: operations["withdrawDecline"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}/publication": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a draft in force, now or at a time
         * @description One admin is enough for what only closes cells. Anything else takes the approval of two others who did not write on it; a change of the floor takes two privacy officers and a waiting time.
         */
        post: operations["publishDraft"];
        /** Take back a publication that waits for its time */
        delete: operations["unscheduleDraft"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Policy versions and when each was in force, newest first */
        get: operations["getPolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/publications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When each version came into force, the last first
         * @description `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listPublications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A policy version, whole
         * @description `current` for the one in force. As JSON, or as YAML with `Accept: application/yaml`.
         */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Reviews of purposes, newest first
         * @description `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last.
         */
        get: operations["listPurposeReviews"];
        put?: never;
        /**
         * Record that a purpose was looked at again
         * @description Role `privacy_officer`. It answers the `review_by` that the purpose has in the version in force. With `next`, the purpose is due by that day, until the policy names another `review_by`; without, it stays due until then.
         */
        post: operations["reviewPurpose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/due": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Purposes that somebody is to look at again, the longest due first
         * @description Of the version in force. With `within`, also those that become due so soon.
         */
        get: operations["getDueReviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/drafts/{id}/shadow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the draft answered otherwise, by purpose, client and reason, and what it cost */
        get: operations["getShadow"];
        /**
         * Have a draft decide beside the version in force
         * @description On a share of the evaluations, one and many, within a fiftieth of the time; no answer changes. It takes the place of the draft that did so before, and ends with the process.
         */
        put: operations["startShadow"];
        post?: never;
        /** End it, with a last report */
        delete: operations["stopShadow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What waits for the caller: drafts, cases and failed verifications, by kind
         * @description The kinds that the roles of the caller have a part in; for others there are none. What a draft takes, and which role, its `check` says.
         */
        get: operations["listWaiting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/processes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The processes that share the consent log: whether each decides, and how far it is
         * @description Roles `policy_admin`, `privacy_officer` and `auditor`. As the database has it; nothing that is decided rests on it.
         */
        get: operations["listProcesses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide as it was decided then, and say why
         * @description At a time (`at`), or on the `policy` and `revision` that a recorded answer names. The version that was in force, the consent events until then, the same engine.
         */
        post: operations["replayDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who calls, by their session or their token, and what they may do */
        get: operations["caller"];
        put?: never;
        post?: never;
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
        PrivacyBudget: {
            purpose: string;
            period: string;
            spent: {
                /** @description an exact decimal */
                epsilon: string;
                /** @description an exact decimal */
                delta: string;
            };
            /** @description of the policy in force, for each period of this length; null: it gives the purpose none */
            limit: {
                /** @description an exact decimal */
                epsilon: string;
                /** @description an exact decimal */
                delta: string;
                /** @enum {string} */
                period: "day" | "week" | "month" | "year";
            } | null;
            /** @description how many were paid for */
            figures: number;
            /** Format: date-time */
            first_at: string;
            /** Format: date-time */
            last_at: string;
        };
        PrivacyBudgets: {
            budgets: components["schemas"]["PrivacyBudget"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        Erasure: {
            id: string;
            revision: number;
            /** Format: date-time */
            at: string;
            by: {
                /** @enum {string} */
                kind: "user" | "service" | "engine";
                /** @description absent: the user themselves */
                id?: string;
            };
        };
        ChangedBy: {
            /** @enum {string} */
            kind: "user" | "service" | "engine";
            id: string;
        };
        Discharge: {
            obligation: string;
            times: number;
            said: string;
        };
        Uses: {
            /** @description to ask of whom */
            id: string;
            /**
             * Format: date
             * @description in UTC
             */
            day: string;
            /** @description the service that asked */
            client: string;
            /** @description what the policy says that the service does; null: it does not say */
            client_does: string | null;
            purpose: {
                id: string;
                /** @description its id where the policy no longer names it */
                title: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            };
            /** @description the fields: one, or those that a question about many people permitted */
            data: {
                id: string;
                /** @description its id where the policy no longer names it */
                title: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            }[];
            /** @description the level of visibility that the item had by itself */
            level: string | null;
            permitted: boolean;
            /** @enum {string} */
            reason: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
            /** @description the same as a sentence */
            why: string;
            /** @description which of the fields that it is made of denies */
            source: string | null;
            obligations: string[];
            /** @description what of it the service said that it did, and of how many of these times; nobody has checked it */
            discharged: components["schemas"]["Discharge"][];
            /** @description the policy version that decided */
            policy: string;
            /**
             * @description what was asked: a decision about one, or a question about many people
             * @enum {string}
             */
            way: "decision" | "audience" | "search" | "permits";
            /** @enum {string} */
            actor: "automated" | "human";
            case: string | null;
            legal_reference: string | null;
            /** @description whose right was exercised: the user’s own, or another’s */
            on_behalf_of: ("own" | "other") | null;
            /** @description how often, on that day, of whomever; of a question about many people once for each */
            times: number;
            /** @description of these, of people who are not registered */
            strangers: number;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        UsesPage: {
            /** @description whatever was recorded before is counted; null: nothing was counted yet */
            complete_until: string | null;
            language: string;
            uses: components["schemas"]["Uses"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        UseBucket: {
            /**
             * Format: date
             * @description its first day, in UTC
             */
            from: string;
            /** @description how often, of whomever; of a question about many people once for each */
            times: number;
            /** @description of these, how often it was permitted */
            permitted: number;
            counts: {
                /** @description of a reason, client or purpose */
                id: string;
                times: number;
            }[];
            /** @description of `times`, those of parts beyond the 100 largest */
            others: number;
        };
        UseCounts: {
            /** @description whatever was recorded before is counted; null: nothing was counted yet */
            complete_until: string | null;
            /** @enum {string} */
            every: "day" | "week" | "month";
            /** @enum {string} */
            by: "reason" | "client" | "purpose";
            buckets: components["schemas"]["UseBucket"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        PersonOfUse: {
            /** @description by which the record names them */
            number: number;
            /** @description their id; null: no `reason` was given, or they were erased */
            user: string | null;
            times: number;
            /** Format: date-time */
            first_at: string;
            /** Format: date-time */
            last_at: string;
        };
        PeopleOfUse: {
            /** @description whatever was recorded before is counted; null: nothing was counted yet */
            complete_until: string | null;
            language: string;
            use: components["schemas"]["Uses"];
            people: components["schemas"]["PersonOfUse"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        CaseAccess: {
            /** Format: date-time */
            at: string;
            /** @description the service that asked */
            client: string;
            purpose: string;
            field: string;
            item: string | null;
            /** @description who was to read, as their token proved; null: nobody proved it */
            reader: string | null;
            permitted: boolean;
            /** @enum {string} */
            reason: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
            /** @description the same as a sentence */
            why: string;
        };
        CaseAccesses: {
            /** @description whatever was recorded before is counted; null: nothing was counted yet */
            complete_until: string | null;
            accesses: components["schemas"]["CaseAccess"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        /** @description a figure with the bounds of its 95 % interval, which cover what was rounded or not told, and chance */
        Estimate: {
            value: number;
            low: number;
            high: number;
        };
        CohortByRegime: {
            regime: {
                /** @description `unknown`: the region of these users is not known */
                id: string;
                title: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            };
            /** @description a multiple of the minimum; null: not told */
            all: number | null;
            /** @description those for whom the purpose is on; null: not told */
            remaining: number | null;
            /** @description those for whom it is not; null: not told */
            left: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_all: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_remaining: number | null;
            /** @description the share of those who remain over the share of all; null: not told */
            ratio: components["schemas"]["Estimate"] | null;
        };
        CohortByAgeBand: {
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            /** @description a multiple of the minimum; null: not told */
            all: number | null;
            /** @description those for whom the purpose is on; null: not told */
            remaining: number | null;
            /** @description those for whom it is not; null: not told */
            left: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_all: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_remaining: number | null;
            /** @description the share of those who remain over the share of all; null: not told */
            ratio: components["schemas"]["Estimate"] | null;
        };
        Cohort: {
            regime: {
                /** @description `unknown`: the region of these users is not known */
                id: string;
                title: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            };
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            /** @description a multiple of the minimum; null: not told */
            all: number | null;
            /** @description those for whom the purpose is on; null: not told */
            remaining: number | null;
            /** @description those for whom it is not; null: not told */
            left: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_all: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_remaining: number | null;
            /** @description the share of those who remain over the share of all; null: not told */
            ratio: components["schemas"]["Estimate"] | null;
        };
        Mover: {
            regime: {
                /** @description `unknown`: the region of these users is not known */
                id: string;
                title: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            };
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            /** @description the share of those who remain, less the share of all */
            difference: number;
        };
        CohortByAttribute: {
            /** @description null: those who have none */
            value: {
                id: string;
                title: string;
            } | null;
            /** @description a multiple of the minimum; null: not told */
            all: number | null;
            /** @description those for whom the purpose is on; null: not told */
            remaining: number | null;
            /** @description those for whom it is not; null: not told */
            left: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_all: number | null;
            /** @description from 0 to 1; null: not told */
            share_of_remaining: number | null;
            /** @description the share of those who remain over the share of all; null: not told */
            ratio: components["schemas"]["Estimate"] | null;
        };
        MoverByAttribute: {
            /** @description null: those who have none */
            value: {
                id: string;
                title: string;
            } | null;
            /** @description the share of those who remain, less the share of all */
            difference: number;
        };
        SplitByAttribute: {
            attribute: {
                id: string;
                title: string;
            };
            /** @description the share of all users who are counted here, drawn by chance; each is counted in one split alone */
            part: number;
            users: {
                /** @description a multiple of the minimum; null: not told */
                all: number | null;
                /** @description those for whom the purpose is on; null: not told */
                remaining: number | null;
                /** @description those for whom it is not; null: not told */
                left: number | null;
            };
            /** @description the Jensen–Shannon divergence between the shares of those who remain and of all, in bits, from 0 to 1; null: not told */
            divergence: components["schemas"]["Estimate"] | null;
            cohorts: components["schemas"]["CohortByAttribute"][];
            /** @description the cohorts whose share changes most, at most ten, the largest first */
            movers: components["schemas"]["MoverByAttribute"][];
        };
        ConsentBalance: {
            purpose: {
                id: string;
                title: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            };
            language: string;
            /** @description the policy version that decides */
            policy: string;
            /**
             * Format: date-time
             * @description once a day, in UTC, by each process
             */
            counted_at: string;
            /** @description the fewest users of whom a number is told; numbers of users are multiples of it */
            minimum: number;
            /** @description the share of all users who are counted here, drawn by chance; each is counted in one split alone */
            part: number;
            users: {
                /** @description a multiple of the minimum; null: not told */
                all: number | null;
                /** @description those for whom the purpose is on; null: not told */
                remaining: number | null;
                /** @description those for whom it is not; null: not told */
                left: number | null;
            };
            by_regime: {
                /** @description the Jensen–Shannon divergence between the shares of those who remain and of all, in bits, from 0 to 1; null: not told */
                divergence: components["schemas"]["Estimate"] | null;
                cohorts: components["schemas"]["CohortByRegime"][];
            };
            by_age_band: {
                /** @description the Jensen–Shannon divergence between the shares of those who remain and of all, in bits, from 0 to 1; null: not told */
                divergence: components["schemas"]["Estimate"] | null;
                cohorts: components["schemas"]["CohortByAgeBand"][];
            };
            by_regime_and_age_band: {
                /** @description the Jensen–Shannon divergence between the shares of those who remain and of all, in bits, from 0 to 1; null: not told */
                divergence: components["schemas"]["Estimate"] | null;
                cohorts: components["schemas"]["Cohort"][];
            };
            /** @description the cohorts whose share changes most, at most ten, the largest first */
            movers: components["schemas"]["Mover"][];
            /** @description in the order of their registration */
            by_attribute: components["schemas"]["SplitByAttribute"][];
        };
        ConsentCountsOfRegime: {
            /** @description `unknown`: the region of these users is not known */
            regime: string;
            /** @description a multiple of the minimum */
            users: number;
            /** @description only those that are told */
            reasons: {
                /** @description as in the settings of these users; null: the purpose is off for them, and why is not told */
                reason: string | null;
                /** @description a multiple of the minimum */
                users: number;
            }[];
        };
        ConsentCountsOfDay: {
            /** @description in UTC */
            day: string;
            /** @description the policy version that it was counted for */
            policy: string;
            /** Format: date-time */
            counted_at: string;
            /** @description the share of all users who are counted, drawn by chance */
            part: number;
            /** @description the fewest users of whom a number is told; numbers of users are multiples of it */
            minimum: number;
            /** @description only those of which something is told */
            regimes: components["schemas"]["ConsentCountsOfRegime"][];
        };
        ConsentCounts: {
            purpose: string;
            /** @description the earliest first; a day on which a policy was published has one for each version that was counted */
            days: components["schemas"]["ConsentCountsOfDay"][];
        };
        LogEnd: {
            revision: number;
            hash: string;
        };
        LogVerificationLine: {
            verified: number;
            of: number;
        } | {
            /** @enum {boolean} */
            intact: true;
            revision: number;
            hash: string;
        } | {
            /** @enum {boolean} */
            intact: false;
            broken_at: number;
            because: string;
        };
        Erasures: {
            erasures: components["schemas"]["Erasure"][];
        };
        ReceiptKey: {
            /** @description JWK thumbprint with SHA-256 (RFC 7638) */
            kid: string;
            /** Format: date-time */
            created_at: string;
            /** @description null: it signs */
            retired_at: string | null;
        };
        ReceiptKeySet: {
            keys: {
                /** @enum {string} */
                kty: "OKP";
                /** @enum {string} */
                crv: "Ed25519";
                x: string;
                /** @enum {string} */
                use: "sig";
                /** @enum {string} */
                alg: "EdDSA";
                /** @description JWK thumbprint with SHA-256 (RFC 7638) */
                kid: string;
                /** Format: date-time */
                created_at: string;
                /** @description null: it signs */
                retired_at: string | null;
            }[];
        };
        CaseReader: {
            issuer: string;
            id: string;
        };
        CaseSummary: {
            id: string;
            /** @enum {string} */
            purpose: "safety.report_review" | "security.investigation";
            /**
             * @description `waiting`: for the approval of a second person
             * @enum {string}
             */
            status: "waiting" | "open" | "closed" | "expired";
            user: string;
            /** @description where the report is kept; null: an investigation */
            report: string | null;
            /** @description the fields that may be read; null: any that the purpose reads */
            fields: string[] | null;
            reviewers: components["schemas"]["CaseReader"][];
            /** Format: date-time */
            opened_at: string;
            /** Format: date-time */
            expires_at: string;
            /** @description when the user may be told of it, though not before it has ended; null: once it has */
            disclose_after: string | null;
            /** @description one that waits for the approval of a second person */
            extension: {
                /** Format: date-time */
                expires_at: string;
                by: {
                    /** @enum {string} */
                    kind: "service" | "admin";
                    id: string;
                };
            } | null;
        };
        NewCaseRequest: {
            /** @enum {string} */
            purpose: "safety.report_review" | "security.investigation";
            /** Format: user */
            user: string;
            /** Format: id */
            report?: string;
            items?: string[];
            fields?: string[];
            reviewers: {
                issuer?: string;
                /** Format: id */
                id: string;
            }[];
            /** Format: time */
            expires_at: string;
            /** Format: time */
            disclose_after?: string;
            /** @description text that says something, without control or invisible characters other than ends of lines */
            reason: string;
        };
        CaseEvent: {
            /** @enum {string} */
            kind: "opened" | "approved" | "closed" | "extended" | "extension_approved" | "reassigned";
            /** Format: date-time */
            at: string;
            by: {
                /** @enum {string} */
                kind: "service" | "admin";
                id: string;
            };
            reason: string;
            /** Format: date-time */
            expires_at?: string;
            reviewers?: components["schemas"]["CaseReader"][];
        };
        Case: {
            id: string;
            /** @enum {string} */
            purpose: "safety.report_review" | "security.investigation";
            /**
             * @description `waiting`: for the approval of a second person
             * @enum {string}
             */
            status: "waiting" | "open" | "closed" | "expired";
            user: string;
            /** @description where the report is kept; null: an investigation */
            report: string | null;
            /** @description the fields that may be read; null: any that the purpose reads */
            fields: string[] | null;
            reviewers: components["schemas"]["CaseReader"][];
            /** Format: date-time */
            opened_at: string;
            /** Format: date-time */
            expires_at: string;
            /** @description when the user may be told of it, though not before it has ended; null: once it has */
            disclose_after: string | null;
            /** @description one that waits for the approval of a second person */
            extension: {
                /** Format: date-time */
                expires_at: string;
                by: {
                    /** @enum {string} */
                    kind: "service" | "admin";
                    id: string;
                };
            } | null;
            /** @description what may be read; null: any item */
            items: string[] | null;
            events: components["schemas"]["CaseEvent"][];
        };
        ReasonRequest: {
            /** @description text that says something, without control or invisible characters other than ends of lines */
            reason: string;
        };
        ExtensionRequest: {
            /** Format: time */
            expires_at: string;
            /** @description text that says something, without control or invisible characters other than ends of lines */
            reason: string;
        };
        ReviewersRequest: {
            reviewers: {
                issuer?: string;
                /** Format: id */
                id: string;
            }[];
            /** @description text that says something, without control or invisible characters other than ends of lines */
            reason: string;
        };
        ExtractSummary: {
            id: string;
            /** @description the service whose it is */
            client: string;
            title: string | null;
            purpose: string;
            fields: string[];
            /** @description what each of its questions states */
            context: {
                /** @enum {string} */
                actor: "automated" | "human";
                legal_reference?: string;
            };
            /** @description the version that was in force when it was opened */
            policy: string;
            /** @description of the consent state when it was opened, as a consistency token */
            revision: string;
            /** Format: date-time */
            opened_at: string;
            /** @description null: it is open */
            closed_at: string | null;
            /** @description how many users; while it is open, some may be counted twice */
            members: number;
        };
        NewExtractRequest: {
            /** Format: id */
            purpose: string;
            fields: string[];
            /** @description a line of text without control or invisible characters */
            title?: string;
            context?: {
                /** @enum {string} */
                actor?: "automated" | "human";
                /** Format: id */
                legal_reference?: string;
            };
        };
        Extract: {
            id: string;
            /** @description the service whose it is */
            client: string;
            title: string | null;
            purpose: string;
            fields: string[];
            /** @description what each of its questions states */
            context: {
                /** @enum {string} */
                actor: "automated" | "human";
                legal_reference?: string;
            };
            /** @description the version that was in force when it was opened */
            policy: string;
            /** @description of the consent state when it was opened, as a consistency token */
            revision: string;
            /** Format: date-time */
            opened_at: string;
            /** @description null: it is open */
            closed_at: string | null;
            /** @description how many users; while it is open, some may be counted twice */
            members: number;
            /** @description when its service said that it has left out who had withdrawn by a look, the oldest first */
            unlearned: {
                since: string;
                by: string;
                /** Format: date-time */
                at: string;
            }[];
        };
        ExtractBalance: {
            /** @description of the extract */
            id: string;
            purpose: string;
            /** @description the version that decided */
            policy: string;
            /** Format: date-time */
            counted_at: string;
            /** @description numbers are multiples of it, and nothing is told of fewer */
            minimum: number;
            /** @description of whom all that was taken may still be used; null: not told */
            remaining: number | null;
            /** @description of whom something may not, or who were erased; null: not told */
            left: number | null;
        };
        ImportSummary: {
            changed: number;
            unchanged: number;
            refused: number;
            /** @description how many lines were refused for which reason */
            reasons: {
                [key: string]: number;
            };
            /** @description rows whose grant permits nothing */
            permits_nothing: number;
            /** @description rows with a level that its group does not have */
            taken_as_strictest: number;
        };
        Import: {
            id: string;
            /** @description the service that sent the last block; null: not known */
            by: string | null;
            /** @description when the first block was taken in; null: not known */
            begun_at: string | null;
            /** @description when the last one was; null: not known */
            changed_at: string | null;
            /** @description the last that was taken in */
            line: number;
            summary: components["schemas"]["ImportSummary"];
        };
        Imports: {
            imports: components["schemas"]["Import"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        GivenApproval: {
            by: string;
            roles: string[];
            /** Format: date-time */
            at: string;
        };
        DraftSummary: {
            id: string;
            /** @description counts the edits from 1 */
            edit: number;
            /** @description the version that it is to follow */
            base: string;
            /** @description the id of the version that it would be */
            content: string;
            message: string;
            /** @description everybody who wrote on it; none of them may approve it */
            authors: string[];
            /** @enum {string} */
            status: "open" | "scheduled" | "published" | "discarded";
            publish_at: string | null;
            /** @description why it was not published when its time came */
            refusal: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            changed_at: string;
            /** @description of the present edit */
            approvals: components["schemas"]["GivenApproval"][];
            /** @description how many decline what it says now; while any does it is not published */
            declined: number;
        };
        Drafts: {
            drafts: components["schemas"]["DraftSummary"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        NewDraftRequest: {
            /** @description `current`, or `sha256:` and 64 hexadecimal digits */
            base?: string;
            document?: {
                [key: string]: unknown;
            };
            /** @description text without control characters other than tabs and ends of lines */
            message: string;
        };
        GivenDecline: {
            by: string;
            roles: string[];
            /** Format: date-time */
            at: string;
            /** @description that it was given in: this one, or one that says the same */
            draft: string;
            /** @description of that draft, which was read */
            edit: number;
            /** @description what it said */
            content: string;
            remark: string;
            /** @description when the one who declined withdrew it, approved the content, or declined it anew */
            lifted_at: string | null;
            /** @description it keeps this draft from being published: it is of what it says now, following the same version, and not lifted */
            stands: boolean;
        };
        PolicyError: {
            /** @description for people; empty: the whole */
            path: string;
            /** @description the same as a JSON Pointer (RFC 6901) into the document */
            pointer: string;
            message: string;
            /** @description of the text that was sent, from 1 */
            line?: number;
            /** @description from 1, in UTF-16 code units */
            column?: number;
        };
        Draft: {
            id: string;
            /** @description counts the edits from 1 */
            edit: number;
            /** @description the version that it is to follow */
            base: string;
            /** @description the id of the version that it would be */
            content: string;
            message: string;
            /** @description everybody who wrote on it; none of them may approve it */
            authors: string[];
            /** @enum {string} */
            status: "open" | "scheduled" | "published" | "discarded";
            publish_at: string | null;
            /** @description why it was not published when its time came */
            refusal: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            changed_at: string;
            /** @description of the present edit */
            approvals: components["schemas"]["GivenApproval"][];
            /** @description how many decline what it says now; while any does it is not published */
            declined: number;
            /** @description all that were given in it, the oldest first, then those of what it says that were given in others */
            declines: components["schemas"]["GivenDecline"][];
            compiles: boolean;
            errors: components["schemas"]["PolicyError"][];
            document: unknown;
        };
        PatchOperation: {
            /** @enum {string} */
            op: "add" | "remove" | "replace" | "move" | "copy" | "test";
            path: string;
            from?: string;
            value?: unknown;
        };
        RecordedChoice: {
            /** @enum {string} */
            choice: "granted" | "denied";
            notice: number;
            signal: boolean;
        };
        ExampleRecord: {
            registered: boolean;
            region: string | null;
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            /** @description by purpose */
            choices: {
                [key: string]: components["schemas"]["RecordedChoice"];
            };
            signals: "gpc"[];
            /** @description the level that was set, by visibility group */
            visibility: {
                [key: string]: string;
            };
        };
        ExampleFacts: {
            /** @enum {string} */
            actor: "automated" | "human";
            /** @enum {string} */
            case: "none" | "valid" | "not_approved" | "closed" | "expired" | "out_of_scope" | "other_reader";
            legalReference: boolean;
            ownData: boolean;
        };
        FloorProof: {
            holds: boolean;
            cells_examined: number;
            violations: {
                says: string;
                purpose: string;
                /** @enum {string} */
                category: "public" | "profile" | "engagement" | "private_message";
                fields: string[];
                counterexample: {
                    field: string;
                    regime: string;
                    user: components["schemas"]["ExampleRecord"];
                    facts: components["schemas"]["ExampleFacts"];
                    /** @description from the field, through what it is made of or replaces, to what the floor protects */
                    chain?: string[];
                };
            }[];
        };
        FloorFinding: {
            holds: boolean;
            own: components["schemas"]["FloorProof"];
            of_base: components["schemas"]["FloorProof"];
            /** @description one sentence each */
            changes: string[];
        };
        Lint: {
            /** @enum {string} */
            code: "regime_without_regions" | "place_under_two_laws" | "region_unknown" | "obligation_unused" | "description_missing" | "description_short" | "description_repeats_title" | "opt_in_unreachable" | "category_unread" | "provenance_unread" | "terms_unreachable" | "budget_missing" | "dpv_unknown" | "basis_missing" | "basis_contradicts_setting" | "owner_missing" | "review_missing" | "review_overdue" | "field_unused" | "release_wider_than_sources" | "release_overdue" | "only_unread" | "client_unopened" | "client_purpose_unread" | "purpose_unasked" | "visibility_unused" | "level_unread" | "overlay_unreachable" | "category_widened" | "floor_field_replaced" | "floor_field_reclassified" | "translation_missing" | "translation_left";
            /** @description the steps to the place in the document */
            path: (string | number)[];
            message: string;
            /** @description of the text that was sent, from 1 */
            line?: number;
            /** @description from 1, in UTF-16 code units */
            column?: number;
        };
        ConcernedUsers: {
            /** @enum {boolean} */
            registered: false;
        } | {
            /** @enum {boolean} */
            registered: true;
            choices: {
                purpose: string;
                said: ({
                    /** @enum {string} */
                    choice: "none" | "denied";
                } | {
                    /** @enum {string} */
                    choice: "granted";
                    from: number;
                    to?: number;
                    signal?: boolean;
                })[];
            }[];
            /** @description absent: all */
            regimes?: {
                before: string;
                after: string;
            }[];
            ages?: ("adult" | "minor" | "unknown")[];
            gpc?: boolean;
        };
        Flip: {
            says: string;
            purpose: string;
            /** @enum {string} */
            direction: "opened" | "closed";
            /** @enum {string} */
            because: "fields" | "consent" | "conditions";
            fields: string[];
            who: components["schemas"]["ConcernedUsers"][];
            /** @description what is absent may be anything */
            requests: {
                /** @enum {string} */
                actor?: "automated" | "human";
                cases?: ("none" | "valid" | "not_approved" | "closed" | "expired" | "out_of_scope" | "other_reader")[];
                legalReference?: boolean;
                ownData?: boolean;
            };
            cells: number;
            example: {
                record: components["schemas"]["ExampleRecord"];
                field: string;
                facts: components["schemas"]["ExampleFacts"];
                /** @enum {string} */
                before: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
                /** @enum {string} */
                after: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
            };
        };
        Difference: {
            cells_examined: number;
            cells_opened: number;
            cells_closed: number;
            widens: boolean;
            narrows: boolean;
            changes: components["schemas"]["Flip"][];
            changes_left_out: number;
            clients: {
                opens: boolean;
                closes: boolean;
                says: string;
                /** @description absent: all that are not listed */
                client?: string;
            }[];
            obligations: {
                says: string;
                purpose: string;
                dropped: string[];
                added: string[];
                /** @description absent: wherever it reads */
                fields?: string[];
            }[];
            /** @description purposes whose decisions the database must confirm from now on, or no longer */
            consistency: {
                says: string;
                purpose: string;
                demanded: boolean;
            }[];
            /** @description how long grants hold from now on, as durations of ISO 8601; absent: they do not lapse */
            lapses: {
                says: string;
                purpose: string;
                regime: string;
                opens: boolean;
                closes: boolean;
                before?: string;
                after?: string;
            }[];
            /** @description what changes about the levels that data is at; fields are compared level by level */
            visibility: {
                opens: boolean;
                closes: boolean;
                says: string;
                group?: string;
                field?: string;
            }[];
            /** @description releases that widen, for privacy officers to approve, and removed fields that are forgotten or come back as less strict */
            lineage: {
                says: string;
                field: string;
                /** @enum {string} */
                kind: "release" | "removed";
            }[];
            rewrites: {
                says: string;
                section: string;
                id?: string;
                member?: string;
                before?: unknown;
                after?: unknown;
            }[];
            rewrites_left_out: number;
        };
        Requirements: {
            approvals_needed: number;
            /** @description the role that each approver must have; null: any that may approve */
            role: string | null;
            notices_to_name: string[];
            /** @description what the draft must raise before anybody approves it */
            notices_to_raise: {
                purpose: string;
                at_least: number;
            }[];
            /** @description what the publication must name, once nothing is to be raised */
            notices: {
                [key: string]: number;
            };
            approvals_given: number;
            /** @description how many decline it; none may */
            declined: number;
            /**
             * Format: date-time
             * @description absent while approvals are missing or somebody declines it
             */
            ready_at?: string;
        };
        Check: {
            draft: string;
            edit: number;
            content: string;
            compiles: boolean;
            errors: components["schemas"]["PolicyError"][];
            floor?: components["schemas"]["FloorFinding"];
            lints?: components["schemas"]["Lint"][];
            difference?: components["schemas"]["Difference"];
            requirements?: components["schemas"]["Requirements"];
        };
        Turned: {
            users: number;
            /** @description pairs of a user and a field */
            user_fields: number;
        };
        Impact: {
            /** @description how many were looked at */
            users: number;
            revision: string;
            /** @description that arrived while it was counted */
            changes: number;
            /** @description users of whom anything turns */
            concerned: number;
            opened: components["schemas"]["Turned"];
            closed: components["schemas"]["Turned"];
            /** @description grants that are older than the draft lets them be: they would lapse at once, and are not among those that turn */
            lapsing: {
                purpose: string;
                regime: string;
                grants: number;
            }[];
            by_purpose: {
                purpose: string;
                regime_before: string;
                regime_after: string;
                opened: components["schemas"]["Turned"];
                closed: components["schemas"]["Turned"];
                /** @description ids of users */
                samples: {
                    opened: string[];
                    closed: string[];
                };
            }[];
        };
        ApprovalRequest: {
            /** @description `sha256:` and 64 hexadecimal digits, as an answer gave it */
            content: string;
        };
        DeclineRequest: {
            /** @description text that says something, without control or invisible characters other than ends of lines */
            remark: string;
            /** @description `sha256:` and 64 hexadecimal digits, as an answer gave it */
            content: string;
        };
        PublicationRequest: {
            notices?: {
                [key: string]: unknown;
            };
            /** Format: time */
            publish_at?: string;
        };
        PublishedVersion: {
            sequence: number;
            version: string;
            /** @description decisions on later revisions rest on it */
            after_revision: number;
            by: string;
            /** Format: date-time */
            at: string;
            /** @description null for the policy that the service first started on */
            draft: string | null;
            approvals: components["schemas"]["GivenApproval"][];
        };
        Version: {
            id: string;
            /** @description everybody who wrote on it */
            authors: string[];
            message: string;
            /** @description the version that it was made from; null for the first */
            parent: string | null;
            /** Format: date-time */
            created_at: string;
        };
        Policies: {
            current: string;
            versions: components["schemas"]["Version"][];
            publications: components["schemas"]["PublishedVersion"][];
        };
        Publications: {
            publications: components["schemas"]["PublishedVersion"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        PolicyDocument: {
            [key: string]: unknown;
        };
        WholeVersion: {
            id: string;
            /** @description everybody who wrote on it */
            authors: string[];
            message: string;
            /** @description the version that it was made from; null for the first */
            parent: string | null;
            /** Format: date-time */
            created_at: string;
            document: components["schemas"]["PolicyDocument"];
        };
        PurposeReview: {
            purpose: string;
            /** @description the version that was in force */
            policy: string;
            /** @description the day of the policy that it answers; null: the purpose had none */
            review_by: string | null;
            finding: string;
            /** @description the day by which somebody looks again, while the policy names no other; null: the policy is to say */
            next: string | null;
            by: string;
            roles: string[];
            /** Format: date-time */
            at: string;
        };
        PurposeReviews: {
            reviews: components["schemas"]["PurposeReview"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        PurposeReviewRequest: {
            /** Format: id */
            purpose: string;
            /** @description text that says something, without control or invisible characters other than ends of lines */
            finding: string;
            /** @description a day, such as `2027-06-30` */
            next?: string;
        };
        DueReview: {
            purpose: string;
            title: string;
            /** @description who answers for it; null: the policy names nobody */
            owner: string | null;
            /** @description as the policy has it */
            review_by: string | null;
            /**
             * Format: date
             * @description the day by which somebody looks at it
             */
            due_on: string;
            /** @description that day is past */
            is_overdue: boolean;
            /** @description the newest; null: there is none */
            last_review: components["schemas"]["PurposeReview"] | null;
        };
        DueReviews: {
            /** @description the version in force */
            policy: string;
            /**
             * Format: date
             * @description in UTC, as all days
             */
            today: string;
            /** Format: date */
            until: string;
            /** @description the longest due first */
            due: components["schemas"]["DueReview"][];
        };
        ShadowReport: {
            draft: string;
            edit: number;
            policy: string;
            share: number;
            /** Format: date-time */
            since: string;
            /** @description made since */
            decisions: number;
            /** @description those that the draft decided too */
            compared: number;
            /** @description those that it had no time for */
            skipped: number;
            /** @description what it answered otherwise, most frequent first */
            differences: {
                purpose: string;
                client: string;
                /** @enum {string} */
                live: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
                /** @enum {string} */
                draft: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
                count: number;
                /** @enum {string} */
                turns: "to_deny" | "to_permit" | "reason_only";
            }[];
            /** @description differences beyond those that are counted apart */
            others: number;
            /** @description why it ended by itself; null while it runs */
            trouble: string | null;
            cost_ms: number;
            cost_share: number;
        };
        ShadowRequest: {
            share?: number;
        };
        WaitingKind: {
            /**
             * @description `drafts_to_judge`: open drafts of others that the caller has neither approved nor declined as they are now; `drafts_own`: open drafts that the caller wrote on; `drafts_refused`: open drafts that could not be published when their time came; `drafts_scheduled`: drafts that wait for their time; `drafts_in_shadow`: drafts that decide beside the version in force, in the process that answers; `cases_to_approve`: cases, and later ends of cases, that the caller may approve; `cases_to_read`: open cases that name the caller as one who reads; `cases_open`: all open cases that the caller may look at; `verifications_failed`: the consent log, or a record of use, that was last found not to be as it was written
             * @enum {string}
             */
            kind: "drafts_to_judge" | "drafts_own" | "drafts_refused" | "drafts_scheduled" | "drafts_in_shadow" | "cases_to_approve" | "cases_to_read" | "cases_open" | "verifications_failed";
            count: number;
            /** @description 20 at most, the soonest due first */
            entries: {
                /** @description of a draft or a case; `consent_log`, or `record/` and the writer */
                id: string;
                /** @description where it is read */
                href: string;
                /** @description the message of a draft, the purpose of a case, what was found */
                about: string;
                /** @description when it ends, or is published */
                due: string | null;
                /**
                 * Format: date-time
                 * @description when it was found
                 */
                at?: string;
            }[];
        };
        Waiting: {
            waiting: components["schemas"]["WaitingKind"][];
            /** @description false: there are more cases than are looked at for this, and older ones are not counted */
            whole: boolean;
        };
        Process: {
            /** @description another one with each start; null: the only process there can be */
            id: string | null;
            /** @description the version of Assent; null: one that does not tell */
            build: string | null;
            /**
             * @description `late`: its lease was not renewed in time, and it denies; `evicted`: it denies until it has joined again
             * @enum {string}
             */
            status: "deciding" | "late" | "evicted";
            /** @description null: it needs none */
            lease_ms: number | null;
            /** @description by the clock of the database */
            renewed_ms_ago: number | null;
            /** @description what it says it has applied; null: nothing yet */
            revision: number | null;
            /** @description how many revisions it has not applied */
            behind: number;
            /** @description the version that it says is in force; null: not said yet */
            policy: string | null;
            /** @description caches of its clients hold back what it has applied */
            waits_for_caches: boolean;
        };
        Processes: {
            /** @description the last of the consent log */
            revision: number;
            /** @description those that renewed their lease last first; one that ended without a goodbye stays until the others have removed it */
            processes: components["schemas"]["Process"][];
        };
        ReplayRequest: {
            evaluation: {
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
            /** Format: time */
            at?: string;
            /** @description `sha256:` and 64 hexadecimal digits, as an answer gave it */
            policy?: string;
            /** Format: id */
            revision?: string;
            client_purposes?: string[];
        };
        Change: {
            /** @enum {string} */
            kind: "profile";
            region: string;
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            adult_from: string | null;
        } | {
            /** @enum {string} */
            kind: "choice";
            purpose: string;
            /**
             * @description `none`: it was taken back, or lapsed
             * @enum {string}
             */
            choice: "granted" | "denied" | "none";
            notice: number | null;
            signal: boolean;
            until: string | null;
        } | {
            /** @enum {string} */
            kind: "signal";
            /** @enum {string} */
            signal: "gpc";
            /** @description the user took it back */
            withdrawn: boolean;
        } | {
            /** @enum {string} */
            kind: "visibility";
            group: string;
            level: string;
        };
        ReplayedDecision: {
            decision: boolean;
            context: components["schemas"]["DecisionContext"];
            because: {
                /** @description as the log knew them then */
                user: {
                    registered: boolean;
                    region: string | null;
                    regime: string;
                    /** @enum {string} */
                    age_band: "adult" | "minor" | "unknown";
                    /** @description by purpose */
                    choices: {
                        [key: string]: components["schemas"]["RecordedChoice"];
                    };
                    signals: "gpc"[];
                    /** @description the level that was set, by visibility group */
                    visibility: {
                        [key: string]: string;
                    };
                };
                /** @description the last of the user until then, oldest first */
                events: {
                    revision: string;
                    /** Format: date-time */
                    at: string;
                    said_at: string | null;
                    by: components["schemas"]["ChangedBy"];
                    /** @enum {string} */
                    via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
                    change: components["schemas"]["Change"];
                }[];
                /** @description absent: the version never was in force */
                publication?: {
                    sequence: number;
                    /** Format: date-time */
                    at: string;
                    by: string;
                    draft: string | null;
                };
            };
        };
        Caller: {
            /** @enum {string} */
            kind: "user" | "admin" | "service";
            id: string;
            /** @description the routes that they may use, by method and address: those on a user for what is theirs alone, unless they are a service */
            may: string[];
            /** @description why not the others, by route */
            may_not: {
                [key: string]: string;
            };
            /** @description of an admin */
            roles?: string[];
            /** @description of a person who is signed in: not of one who sends a token */
            session?: {
                /** Format: date-time */
                began_at: string;
                /**
                 * Format: date-time
                 * @description when it ends, unless there is a request before
                 */
                idle_until: string;
                /**
                 * Format: date-time
                 * @description when it ends at the latest
                 */
                ends_at: string;
            };
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
        /** @description `invalid_request`: the request is not well-formed */
        invalid_request: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:invalid_request";
                };
            };
        };
        /** @description `caller_not_allowed`: the credentials do not allow this; `not_own_page`: a session is for pages of this service alone */
        "caller_not_allowed.not_own_page": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:caller_not_allowed" | "urn:assent:problem:not_own_page";
                };
            };
        };
        /** @description `purpose_not_found`: the policy names no such purpose */
        purpose_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:purpose_not_found";
                };
            };
        };
        /** @description `storage_unavailable`: the database does not answer now; `answers_waiting`: too many large answers wait to be read; `overloaded`: there is more to do than can be done */
        "storage_unavailable.answers_waiting.overloaded": {
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
                    type?: "urn:assent:problem:storage_unavailable" | "urn:assent:problem:answers_waiting" | "urn:assent:problem:overloaded";
                };
            };
        };
        /** @description `storage_unavailable`: the database does not answer now; `answers_waiting`: too many large answers wait to be read; `overloaded`: there is more to do than can be done; `identity_unavailable`: the identity provider cannot be reached; `not_confirmed`: the change could not be confirmed */
        "storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed": {
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
                    type?: "urn:assent:problem:storage_unavailable" | "urn:assent:problem:answers_waiting" | "urn:assent:problem:overloaded" | "urn:assent:problem:identity_unavailable" | "urn:assent:problem:not_confirmed";
                };
            };
        };
        /** @description `storage_unavailable`: the database does not answer now; `answers_waiting`: too many large answers wait to be read; `overloaded`: there is more to do than can be done; `identity_unavailable`: the identity provider cannot be reached; `consent_unavailable`: the consent state cannot be read now */
        "storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable": {
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
                    type?: "urn:assent:problem:storage_unavailable" | "urn:assent:problem:answers_waiting" | "urn:assent:problem:overloaded" | "urn:assent:problem:identity_unavailable" | "urn:assent:problem:consent_unavailable";
                };
            };
        };
        /** @description `nothing_recorded`: decisions are not recorded here */
        nothing_recorded: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:nothing_recorded";
                };
            };
        };
        /** @description `use_not_found`: nothing was used on that day under those terms */
        use_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:use_not_found";
                };
            };
        };
        /** @description `case_not_found`: there is no such case */
        case_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:case_not_found";
                };
            };
        };
        /** @description `case_not_offered`: the policy in force takes no cases for this purpose */
        case_not_offered: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:case_not_offered";
                };
            };
        };
        /** @description `case_state_not_named`: the request must name the state of the case that it is about */
        case_state_not_named: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:case_state_not_named";
                };
            };
        };
        /** @description `case_changed`: something has happened to the case since */
        case_changed: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:case_changed";
                };
            };
        };
        /** @description `case_ended`: the case is closed or has expired; `nothing_to_approve`: nothing of the case waits for an approval; `case_full`: the case takes no more events */
        "case_ended.nothing_to_approve.case_full": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:case_ended" | "urn:assent:problem:nothing_to_approve" | "urn:assent:problem:case_full";
                };
            };
        };
        /** @description `case_ended`: the case is closed or has expired; `case_waits`: the case waits for an approval; `case_full`: the case takes no more events */
        "case_ended.case_waits.case_full": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:case_ended" | "urn:assent:problem:case_waits" | "urn:assent:problem:case_full";
                };
            };
        };
        /** @description `case_ended`: the case is closed or has expired; `case_full`: the case takes no more events */
        "case_ended.case_full": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:case_ended" | "urn:assent:problem:case_full";
                };
            };
        };
        /** @description `policy_not_found`: there is no such policy version */
        policy_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:policy_not_found";
                };
            };
        };
        /** @description `too_many_drafts`: there is no room for another draft */
        too_many_drafts: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:too_many_drafts";
                };
            };
        };
        /** @description `draft_not_found`: there is no such draft */
        draft_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_not_found";
                };
            };
        };
        /** @description `draft_edit_not_named`: the request must name the edit of the draft that it is about */
        draft_edit_not_named: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_edit_not_named";
                };
            };
        };
        /** @description `draft_edited`: the draft has been edited since */
        draft_edited: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_edited";
                };
            };
        };
        /** @description `draft_ended`: the draft takes no more edits */
        draft_ended: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_ended";
                };
            };
        };
        /** @description `draft_ended`: the draft takes no more edits; `too_many_drafts`: there is no room for another draft */
        "draft_ended.too_many_drafts": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_ended" | "urn:assent:problem:too_many_drafts";
                };
            };
        };
        /** @description `draft_not_sound`: the draft does not compile */
        draft_not_sound: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_not_sound";
                };
            };
        };
        /** @description `draft_ended`: the draft takes no more edits; `draft_outdated`: another version has come into force since; `draft_not_sound`: the draft does not compile; `nothing_to_publish`: the draft is the version in force; `floor_crossed`: the draft opens what the floor keeps closed; `notice_not_raised`: users were shown other terms under the number of the notice */
        "draft_ended.draft_outdated.draft_not_sound.nothing_to_publish.floor_crossed.notice_not_raised": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_ended" | "urn:assent:problem:draft_outdated" | "urn:assent:problem:draft_not_sound" | "urn:assent:problem:nothing_to_publish" | "urn:assent:problem:floor_crossed" | "urn:assent:problem:notice_not_raised";
                };
            };
        };
        /** @description `draft_outdated`: another version has come into force since; `draft_not_sound`: the draft does not compile; `nothing_to_publish`: the draft is the version in force; `floor_crossed`: the draft opens what the floor keeps closed; `notice_not_raised`: users were shown other terms under the number of the notice; `draft_ended`: the draft takes no more edits; `draft_declined`: somebody who may approve the draft declined it; `approvals_missing`: the draft needs the approval of others; `floor_waits`: a change of the floor must wait; `notice_not_named`: the terms of an opt-in change, and no notice is named */
        "draft_outdated.draft_not_sound.nothing_to_publish.floor_crossed.notice_not_raised.draft_ended.draft_declined.approvals_missing.floor_waits.notice_not_named": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:draft_outdated" | "urn:assent:problem:draft_not_sound" | "urn:assent:problem:nothing_to_publish" | "urn:assent:problem:floor_crossed" | "urn:assent:problem:notice_not_raised" | "urn:assent:problem:draft_ended" | "urn:assent:problem:draft_declined" | "urn:assent:problem:approvals_missing" | "urn:assent:problem:floor_waits" | "urn:assent:problem:notice_not_named";
                };
            };
        };
        /** @description `shadow_not_found`: this draft decides nothing now */
        shadow_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:shadow_not_found";
                };
            };
        };
        /** @description `record_forgotten`: the log no longer says what the decision rested on */
        record_forgotten: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:record_forgotten";
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
    listBudgets: {
        parameters: {
            query?: {
                purpose?: string;
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the budgets */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyBudgets"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    listUses: {
        parameters: {
            query?: {
                client?: string;
                purpose?: string;
                category?: "public" | "profile" | "engagement" | "private_message";
                reason?: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
                permitted?: "true" | "false";
                case?: string;
                from?: string;
                until?: string;
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: {
                /** @description the media type of the answer */
                Accept?: string;
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the uses */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsesPage"];
                    "text/csv": string;
                    "application/x-ndjson": components["schemas"]["Uses"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["nothing_recorded"];
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
    countUses: {
        parameters: {
            query?: {
                every?: "day" | "week" | "month";
                by?: "reason" | "client" | "purpose";
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
                client?: string;
                purpose?: string;
                category?: "public" | "profile" | "engagement" | "private_message";
                reason?: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
                permitted?: "true" | "false";
                case?: string;
                from?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the counts */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseCounts"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["nothing_recorded"];
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
    listPeopleOfUse: {
        parameters: {
            query?: {
                /** @description text of at most 500 characters that says something, on one line */
                reason?: string;
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description each person */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PeopleOfUse"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["use_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["nothing_recorded"];
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
    listCaseAccesses: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description each access */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseAccesses"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["case_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["nothing_recorded"];
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
    getConsentBalance: {
        parameters: {
            query: {
                purpose: string;
            };
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the report */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsentBalance"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable"];
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
    getConsentCounts: {
        parameters: {
            query: {
                purpose: string;
                regime?: string;
                from?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the counts */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsentCounts"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable"];
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
    getLogEnd: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description revision, and hash in base64url */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogEnd"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    verifyLog: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description how far it is, and at last what was found */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["LogVerificationLine"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    listErasures: {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the oldest first; `after` takes the `id` of the last one */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasures"];
                };
            };
            400: components["responses"]["invalid_request.change_lost"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    receiptKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the keys */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiptKeySet"];
                };
            };
            400: components["responses"]["invalid_request"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded"];
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
    rotateReceiptKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the new key */
            201: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiptKey"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    listCases: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
                status?: "waiting" | "open" | "closed" | "expired";
                expires_within?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the cases, without their items and events */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cases: components["schemas"]["CaseSummary"][];
                        /** @description the `cursor` of the page after; absent on the last */
                        next?: string;
                    };
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    openCase: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCaseRequest"];
            };
        };
        responses: {
            /** @description the case */
            201: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["case_not_offered"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
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
    getCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the case */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["case_not_found"];
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
    approveCase: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description the case */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["case_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["case_ended.nothing_to_approve.case_full"];
            412: components["responses"]["case_changed"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["case_state_not_named"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
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
    extendCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExtensionRequest"];
            };
        };
        responses: {
            /** @description the case */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["case_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["case_ended.case_waits.case_full"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
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
    reassignCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewersRequest"];
            };
        };
        responses: {
            /** @description the case */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["case_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["case_ended.case_full"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
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
    closeCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description the case */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["case_not_found"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
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
    listExtracts: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the extracts */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        extracts: components["schemas"]["ExtractSummary"][];
                        /** @description the `cursor` of the page after; absent on the last */
                        next?: string;
                    };
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    openExtract: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewExtractRequest"];
            };
        };
        responses: {
            /** @description the extract */
            201: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Extract"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page.purpose_not_allowed"];
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
    getExtract: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the extract */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Extract"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["extract_not_found"];
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
    getExtractBalance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description how many remain, and how many left */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExtractBalance"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["extract_not_found"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable"];
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
    listImports: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the imports */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Imports"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
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
    listDrafts: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the drafts */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drafts"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    createDraft: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDraftRequest"];
            };
        };
        responses: {
            /** @description your open draft that says the same */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            /** @description the draft */
            201: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["policy_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["too_many_drafts"];
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
    getDraft: {
        parameters: {
            query?: never;
            header?: {
                /** @description the media type of the answer */
                Accept?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the draft; as YAML, its document */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                    "application/yaml": string;
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
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
    discardDraft: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the draft as it was */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    replaceDocument: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
                "application/yaml": string;
            };
        };
        responses: {
            /** @description the draft as it is now */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended.too_many_drafts"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    patchDocument: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json-patch+json": components["schemas"]["PatchOperation"][];
            };
        };
        responses: {
            /** @description the draft as it is now */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended.too_many_drafts"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    rebaseDraft: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the draft as it is now */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    checkDraft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what was found */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Check"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
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
    getImpact: {
        parameters: {
            query?: {
                samples?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the counts */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Impact"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_not_sound"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable"];
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
    approveDraft: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalRequest"];
            };
        };
        responses: {
            /** @description the draft, with the approval */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended.draft_outdated.draft_not_sound.nothing_to_publish.floor_crossed.notice_not_raised"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    withdrawApproval: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the draft, without the approval */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    declineDraft: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeclineRequest"];
            };
        };
        responses: {
            /** @description the draft, with the decline */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    withdrawDecline: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the draft; the decline is lifted */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    publishDraft: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublicationRequest"];
            };
        };
        responses: {
            /** @description the publication; of one that is to wait for its time, the draft */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishedVersion"] | components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_outdated.draft_not_sound.nothing_to_publish.floor_crossed.notice_not_raised.draft_ended.draft_declined.approvals_missing.floor_waits.notice_not_named"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
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
    unscheduleDraft: {
        parameters: {
            query?: never;
            header: {
                /** @description The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now. */
                "If-Match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the draft, open again */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_ended"];
            412: components["responses"]["draft_edited"];
            413: components["responses"]["body_too_large"];
            428: components["responses"]["draft_edit_not_named"];
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
    getPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the last 200 of each; `/versions` and `/publications` give all, in pages */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policies"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    listPublications: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the publications */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Publications"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    getVersion: {
        parameters: {
            query?: never;
            header?: {
                /** @description the media type of the answer */
                Accept?: string;
            };
            path: {
                /** @description `current`, or `sha256:` and 64 hexadecimal digits */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the version; as YAML, its document */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeVersion"];
                    "application/yaml": string;
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["policy_not_found"];
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
    listPurposeReviews: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the reviews */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PurposeReviews"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    reviewPurpose: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PurposeReviewRequest"];
            };
        };
        responses: {
            /** @description the review */
            201: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PurposeReview"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["purpose_not_found"];
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
    getDueReviews: {
        parameters: {
            query?: {
                /** @description years, months and days, as in `P30D` */
                within?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the purposes */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DueReviews"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    getShadow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the report */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShadowReport"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["shadow_not_found"];
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
    startShadow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShadowRequest"];
            };
        };
        responses: {
            /** @description the report, which has nothing yet */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShadowReport"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["draft_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["draft_not_sound"];
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
    stopShadow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the last report */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShadowReport"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["shadow_not_found"];
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
    listWaiting: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description how many of each kind, and the first of them */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Waiting"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    listProcesses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the processes */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processes"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
    replayDecision: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayRequest"];
            };
        };
        responses: {
            /** @description the decision, and what it rested on */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayedDecision"];
                };
            };
            400: components["responses"]["invalid_request.change_lost"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["policy_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["record_forgotten"];
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
    caller: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description who, how long, and what */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Caller"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
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
}
