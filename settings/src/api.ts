// Made from the OpenAPI document of the service, and held against it by settings/test/api.spec.ts: do not edit.
// `npx vitest run --project settings settings/test/api.spec.ts -u` makes it anew.
export interface paths {
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set where a user lives and how old they are
         * @description Scope `users:write`.
         */
        put: operations["setProfile"];
        post?: never;
        /**
         * Erase a user, for good
         * @description The user themselves (`me`), or a service with scope `users:erase`. What the log says of them can never be read again, by anybody; from then on they are `unknown_user`. For a day, nothing but a profile makes a new record of them.
         */
        delete: operations["eraseUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every purpose as it stands for a user now, and why
         * @description The user themselves (`me`), or a service with scope `settings:read`.
         */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/choices/{purpose}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One purpose as it stands for a user now, and why
         * @description As `settings` has it. The user themselves (`me`), or a service with scope `settings:read`.
         */
        get: operations["getChoice"];
        /**
         * Grant or deny a purpose
         * @description The user themselves (`me`), or a service with scope `choices:write`. Giving and withdrawing take the same call. A grant against a signal needs `signal_shown`.
         */
        put: operations["choose"];
        post?: never;
        /**
         * Take a choice back, as if nothing had been said for the purpose
         * @description The user themselves (`me`), or a service with scope `choices:write`. The law decides again: it is not a denial, and where the law needs no consent it may open the purpose. What a signal closes stays closed.
         */
        delete: operations["takeChoiceBack"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/prompts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether a user must be asked for anything now, and on which terms
         * @description The user themselves (`me`), or a service with scope `settings:read`. Ask once, and record the answer, either way.
         */
        get: operations["getPrompts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/choices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Grant or deny several purposes at once, or deny everything
         * @description The user themselves (`me`), or a service with scope `choices:write`. All of it is recorded or nothing.
         */
        put: operations["chooseMany"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/visibility/{group}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set who may see the data of a visibility group
         * @description The user themselves (`me`), or a service with scope `choices:write`. Of two levels that race, the stricter one holds.
         */
        put: operations["setVisibility"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that was ever said for a user: what, by whom, how, when, on which notice and policy
         * @description The user themselves (`me`), or a service with scope `settings:read`. The roles `auditor` and `privacy_officer` with a `reason`, which is noted and told to the user. The oldest first, or the newest (`order`).
         */
        get: operations["getHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/uses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who used what of a user: how often on a day, for what, under which terms; permitted or refused, and why
         * @description The user themselves (`me`), or a service with scope `settings:read`. The roles `auditor` and `privacy_officer` with a `reason`, which is noted and told to the user. The latest day first. `limit` from 1 to 200, 50 unless given. `next` is the `cursor` of the page after, and absent on the last. Of what was asked for under a case, users are told once it has ended.
         */
        get: operations["getUses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/receipts/{event}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The signed receipt of what a user said
         * @description The user themselves (`me`), or a service with scope `settings:read`. The roles `auditor` and `privacy_officer` with a `reason`, which is noted and told to the user. `event` is the consistency token of the change.
         */
        get: operations["getReceipt"];
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
    "/v1/notices/{purpose}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a user is told of a purpose now, or was told then, with its hash
         * @description In `language`, or in what `Accept-Language` asks for. The present one, that of a number (`version`), or that of a policy version that was in force (`policy`), as receipts name it. Any caller.
         */
        get: operations["getNotice"];
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
        ProfileRequest: {
            /** Format: region */
            region: string;
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            /** Format: time */
            adult_from?: string;
        };
        Acknowledged: {
            /** @description a decision that carries it as `context.consistency_token` rests on the change */
            consistency_token: string;
            /** @description false: it stood so already, and nothing was written */
            changed: boolean;
            /** @description the time of its entry in the log; null: it stood so already, and the log does not say since when */
            holds_from: string | null;
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
        Kept: {
            /** @enum {string} */
            kind: "erasure" | "log" | "erased_id" | "erasure_list" | "snapshot" | "uses" | "training_sets";
            /** @description for people */
            what: string;
            /** @description for people */
            why: string;
            /** @description null: for good */
            until: string | null;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        Erased: {
            /** @enum {boolean} */
            erased: false;
        } | {
            /** @enum {boolean} */
            erased: true;
            record: components["schemas"]["Erasure"];
            consistency_token: string;
            /** @description what is kept, why and until when */
            kept: components["schemas"]["Kept"][];
        };
        DisclosedData: {
            /** @enum {string} */
            category: "public" | "profile" | "engagement" | "private_message";
            fields: {
                id: string;
                title: string;
                description?: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
                /** @description of a field that is made of others: what it is made of in the end */
                made_from?: {
                    id: string;
                    title: string;
                    /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                    lang?: {
                        [key: string]: string;
                    };
                }[];
            }[];
            /** @description of the category; absent: the policy gives it none */
            title?: string;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        PurposeSetting: {
            id: string;
            parent: string | null;
            title: string;
            description: string;
            /**
             * @description what the purpose needs where the user lives
             * @enum {string}
             */
            setting: "always" | "opt_out" | "opt_in" | "never";
            /** @description null: nothing was said */
            choice: ("granted" | "denied") | null;
            /** @description whether data may be used for it, as far as the user is concerned */
            on: boolean;
            /** @enum {string} */
            reason: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
            /**
             * @description why it stands so
             * @enum {string}
             */
            because: "default" | "lapsed" | "lapses_soon" | "choice" | "signal" | "dependency" | "age" | "notice" | "regime" | "unknown_user";
            /** @description the same as a sentence */
            why: string;
            /** @description who said last what stands now */
            set_by: {
                /** @enum {string} */
                kind: "user" | "service" | "engine";
                /** @enum {string} */
                via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
                /** @description the id of the service */
                service?: string;
            } | null;
            set_at: string | null;
            /** @description when a grant ends: when the user said, or when it lapses */
            until: string | null;
            notice: {
                version: number;
                language: string;
                hash: string;
                /** @description where the user lives, the time after which a grant lapses, as a duration of ISO 8601; null: never */
                lapses_after: string | null;
                /** @description the notice that a grant was given on */
                accepted: number | null;
            };
            /** @description the choices that the law leaves */
            offers: ("granted" | "denied")[];
            /** @description purposes that a no would close with it */
            also_closes: string[];
            /** @description purposes that a yes would open with it */
            also_opens: string[];
            /** @description purposes that it depends on and that are off */
            needs: string[];
            /** @description what it opens */
            data: components["schemas"]["DisclosedData"][];
            /** @description the purpose that keeps it off */
            dependency?: string;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        VisibilitySetting: {
            id: string;
            title: string;
            description: string | null;
            /** @description the level that holds */
            level: string;
            /** @description null: none was set */
            choice: string | null;
            /** @description the widest first */
            levels: {
                id: string;
                title: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            }[];
            /** @description what it is about */
            fields: {
                id: string;
                title: string;
                description?: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            }[];
            /** @description who said last what stands now */
            set_by: {
                /** @enum {string} */
                kind: "user" | "service" | "engine";
                /** @enum {string} */
                via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
                /** @description the id of the service */
                service?: string;
            } | null;
            set_at: string | null;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        Settings: {
            user: string;
            /** @description whether a region and an age band were ever given */
            known: boolean;
            region: string;
            regime: string;
            regime_title: string;
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            signals: "gpc"[];
            policy: string;
            revision: string;
            language: string;
            languages: string[];
            purposes: components["schemas"]["PurposeSetting"][];
            visibility: components["schemas"]["VisibilitySetting"][];
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        PurposeOfUser: {
            user: string;
            policy: string;
            id: string;
            parent: string | null;
            title: string;
            description: string;
            /**
             * @description what the purpose needs where the user lives
             * @enum {string}
             */
            setting: "always" | "opt_out" | "opt_in" | "never";
            /** @description null: nothing was said */
            choice: ("granted" | "denied") | null;
            /** @description whether data may be used for it, as far as the user is concerned */
            on: boolean;
            /** @enum {string} */
            reason: "record_unavailable" | "unknown_purpose" | "unknown_action" | "unknown_field" | "field_unclassified" | "purpose_not_allowed_for_client" | "floor" | "field_prohibited" | "category_not_allowed" | "provenance_not_allowed" | "consent_unavailable" | "unknown_user" | "regime_never" | "needs_opt_in" | "opted_out" | "signal_opted_out" | "age" | "notice_outdated" | "needs_automated_actor" | "needs_case" | "case_not_approved" | "case_closed" | "case_expired" | "case_scope" | "case_reader" | "needs_legal_reference" | "not_own_data" | "permitted";
            /**
             * @description why it stands so
             * @enum {string}
             */
            because: "default" | "lapsed" | "lapses_soon" | "choice" | "signal" | "dependency" | "age" | "notice" | "regime" | "unknown_user";
            /** @description the same as a sentence */
            why: string;
            /** @description who said last what stands now */
            set_by: {
                /** @enum {string} */
                kind: "user" | "service" | "engine";
                /** @enum {string} */
                via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
                /** @description the id of the service */
                service?: string;
            } | null;
            set_at: string | null;
            /** @description when a grant ends: when the user said, or when it lapses */
            until: string | null;
            notice: {
                version: number;
                language: string;
                hash: string;
                /** @description where the user lives, the time after which a grant lapses, as a duration of ISO 8601; null: never */
                lapses_after: string | null;
                /** @description the notice that a grant was given on */
                accepted: number | null;
            };
            /** @description the choices that the law leaves */
            offers: ("granted" | "denied")[];
            /** @description purposes that a no would close with it */
            also_closes: string[];
            /** @description purposes that a yes would open with it */
            also_opens: string[];
            /** @description purposes that it depends on and that are off */
            needs: string[];
            /** @description what it opens */
            data: components["schemas"]["DisclosedData"][];
            /** @description the purpose that keeps it off */
            dependency?: string;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        ChoiceRequest: {
            /** @description a language tag such as `en` or `pt-BR` */
            language?: string;
            /** @enum {string} */
            choice: "granted" | "denied";
            notice?: number;
            signal_shown?: boolean;
            /** Format: time */
            until?: string;
        };
        AcknowledgedChoice: {
            /** @description a decision that carries it as `context.consistency_token` rests on the change */
            consistency_token: string;
            /** @description false: it stood so already, and nothing was written */
            changed: boolean;
            /** @description the time of its entry in the log; null: it stood so already, and the log does not say since when */
            holds_from: string | null;
            /** @description whether data may be used for it now, as far as the user is concerned */
            on?: boolean;
            /**
             * @description why it stands so
             * @enum {string}
             */
            because?: "default" | "lapsed" | "lapses_soon" | "choice" | "signal" | "dependency" | "age" | "notice" | "regime" | "unknown_user";
            /** @description the same as a sentence */
            why?: string;
            /** @description purposes that it depends on and that are off */
            needs?: string[];
            /** @description the purpose that keeps it off */
            dependency?: string;
        };
        SeenNotice: {
            version: number;
            language: string;
            hash: string;
            /** @description where the user lives, the time after which a grant lapses, as a duration of ISO 8601; null: never */
            lapses_after: string | null;
        };
        Prompts: {
            user: string;
            policy: string;
            revision: string;
            language: string;
            prompts: {
                purpose: string;
                title: string;
                description: string;
                /** @enum {string} */
                because: "default" | "lapsed" | "lapses_soon" | "choice" | "signal" | "dependency" | "age" | "notice" | "regime" | "unknown_user";
                why: string;
                notice: components["schemas"]["SeenNotice"];
                needs: string[];
                data: components["schemas"]["DisclosedData"][];
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            }[];
            /** @description what not to ask for again before when */
            not_before: {
                purpose: string;
                title: string;
                /** Format: date-time */
                from: string;
                /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
                lang?: {
                    [key: string]: string;
                };
            }[];
        };
        ChoicesRequest: {
            /** @enum {string} */
            choice?: "granted" | "denied";
            choices?: Record<string, never>[];
            /** @description a language tag such as `en` or `pt-BR` */
            language?: string;
        };
        AcknowledgedChoices: {
            /** @description a decision that carries it as `context.consistency_token` rests on the change */
            consistency_token: string;
            /** @description false: it stood so already, and nothing was written */
            changed: boolean;
            /** @description the time of its entry in the log; null: it stood so already, and the log does not say since when */
            holds_from: string | null;
            /** @description each choice; `changed` false: it stood so already */
            changes: {
                purpose: string;
                /** @enum {string} */
                choice: "granted" | "denied";
                changed: boolean;
                /** @description the time of its entry in the log; null: it stood so already, and the log does not say since when */
                holds_from: string | null;
                /** @description whether data may be used for it now, as far as the user is concerned */
                on?: boolean;
                /**
                 * @description why it stands so
                 * @enum {string}
                 */
                because?: "default" | "lapsed" | "lapses_soon" | "choice" | "signal" | "dependency" | "age" | "notice" | "regime" | "unknown_user";
                /** @description the same as a sentence */
                why?: string;
                /** @description purposes that it depends on and that are off */
                needs?: string[];
                /** @description the purpose that keeps it off */
                dependency?: string;
            }[];
        };
        LevelRequest: {
            /** Format: id */
            level: string;
        };
        ChangedBy: {
            /** @enum {string} */
            kind: "user" | "service" | "engine";
            id: string;
        };
        ToldEvent: {
            id: string;
            /** Format: date-time */
            at: string;
            said_at: string | null;
            by: components["schemas"]["ChangedBy"];
            /** @enum {string} */
            via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
            language: string | null;
            policy: string | null;
            /** @enum {string} */
            kind: "profile";
            region: string;
            /** @enum {string} */
            age_band: "adult" | "minor" | "unknown";
            adult_from: string | null;
            /** @description of the purpose, the signal or the visibility group; null: a profile has none, nor what the policy no longer has */
            title: string | null;
            /** @description whether there is a signed receipt of it */
            receipt: boolean;
            /** @description of a level */
            level_title?: string | null;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        } | {
            id: string;
            /** Format: date-time */
            at: string;
            said_at: string | null;
            by: components["schemas"]["ChangedBy"];
            /** @enum {string} */
            via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
            language: string | null;
            policy: string | null;
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
            /** @description of the purpose, the signal or the visibility group; null: a profile has none, nor what the policy no longer has */
            title: string | null;
            /** @description whether there is a signed receipt of it */
            receipt: boolean;
            /** @description of a level */
            level_title?: string | null;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        } | {
            id: string;
            /** Format: date-time */
            at: string;
            said_at: string | null;
            by: components["schemas"]["ChangedBy"];
            /** @enum {string} */
            via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
            language: string | null;
            policy: string | null;
            /** @enum {string} */
            kind: "signal";
            /** @enum {string} */
            signal: "gpc";
            /** @description the user took it back */
            withdrawn: boolean;
            /** @description of the purpose, the signal or the visibility group; null: a profile has none, nor what the policy no longer has */
            title: string | null;
            /** @description whether there is a signed receipt of it */
            receipt: boolean;
            /** @description of a level */
            level_title?: string | null;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        } | {
            id: string;
            /** Format: date-time */
            at: string;
            said_at: string | null;
            by: components["schemas"]["ChangedBy"];
            /** @enum {string} */
            via: "settings" | "gpc" | "tcf" | "import" | "expiry" | "lapse" | "birthday";
            language: string | null;
            policy: string | null;
            /** @enum {string} */
            kind: "visibility";
            group: string;
            level: string;
            /** @description of the purpose, the signal or the visibility group; null: a profile has none, nor what the policy no longer has */
            title: string | null;
            /** @description whether there is a signed receipt of it */
            receipt: boolean;
            /** @description of a level */
            level_title?: string | null;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        History: {
            user: string;
            /** @description of the titles */
            language: string;
            events: components["schemas"]["ToldEvent"][];
            /** @description `after` of the next page; absent on the last */
            next?: string;
        };
        Discharge: {
            obligation: string;
            times: number;
            said: string;
        };
        UseOfUser: {
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
            /** @description how often, on that day, under the same terms */
            times: number;
            /** Format: date-time */
            first_at: string;
            /** Format: date-time */
            last_at: string;
            /** @description of what was asked for under a case: as which role people read, and how many items they could, or any; null: under none */
            review: {
                /** @enum {string} */
                role: "case_reviewer" | "security_investigator";
                role_title: string;
                items: number | null;
            } | null;
            /** @description the setting that governs it, relative to this address; null: the policy no longer has the purpose */
            setting: string | null;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
        };
        LedgerLookup: {
            /** Format: date-time */
            at: string;
            role: string;
            role_title: string;
            reason: string;
        };
        UsesOfUser: {
            user: string;
            /** @description whatever was recorded before is counted; null: nothing was counted yet */
            complete_until: string | null;
            language: string;
            uses: components["schemas"]["UseOfUser"][];
            /** @description the latest 50; the export has all */
            lookups: components["schemas"]["LedgerLookup"][];
            /** @description the `cursor` of the page after; absent on the last */
            next?: string;
        };
        /** @description JSON-LD, by the W3C Data Privacy Vocabulary */
        Receipt: {
            [key: string]: unknown;
        };
        SignedReceipt: {
            receipt: components["schemas"]["Receipt"];
            jws: string;
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
        Notice: {
            policy: string;
            purpose: string;
            version: number;
            /** @description in which it was asked for */
            language: string;
            title: string;
            description: string;
            data: components["schemas"]["DisclosedData"][];
            /** @description `sha256:` and the hash of the canonical JSON (RFC 8785) of all other members but `policy` */
            hash: string;
            /** @description the languages of texts that are not in the one of the answer, by member; absent: all are in that one */
            lang?: {
                [key: string]: string;
            };
            /** @description by regime, the time after which a grant lapses, as a duration of ISO 8601 */
            lapses_after?: {
                [key: string]: string;
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
        /** @description `too_many_users`: there is no room for another user */
        too_many_users: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:too_many_users";
                };
            };
        };
        /** @description `storage_unavailable`: the database does not answer now; `answers_waiting`: too many large answers wait to be read; `overloaded`: there is more to do than can be done; `identity_unavailable`: the identity provider cannot be reached; `consent_unavailable`: the consent state cannot be read now; `not_confirmed`: the change could not be confirmed */
        "storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable.not_confirmed": {
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
                    type?: "urn:assent:problem:storage_unavailable" | "urn:assent:problem:answers_waiting" | "urn:assent:problem:overloaded" | "urn:assent:problem:identity_unavailable" | "urn:assent:problem:consent_unavailable" | "urn:assent:problem:not_confirmed";
                };
            };
        };
        /** @description `settings_changed`: the settings of the user have changed since */
        settings_changed: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:settings_changed";
                };
            };
        };
        /** @description `choice_not_offered`: the law the user lives under leaves no such choice; `too_many_choices`: the record of the user keeps no more choices; `notice_needed`: the grant does not name the notice that the user was shown; `notice_not_current`: the user was shown another notice than the present one; `signal_stands`: a signal of the user stands against this grant; `opt_out_in_progress`: an opt-out of the same purpose is being saved, and it holds; `user_erased`: the user was erased */
        "choice_not_offered.too_many_choices.notice_needed.notice_not_current.signal_stands.opt_out_in_progress.user_erased": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:choice_not_offered" | "urn:assent:problem:too_many_choices" | "urn:assent:problem:notice_needed" | "urn:assent:problem:notice_not_current" | "urn:assent:problem:signal_stands" | "urn:assent:problem:opt_out_in_progress" | "urn:assent:problem:user_erased";
                };
            };
        };
        /** @description `signal_stands`: a signal of the user stands against this grant; `opt_out_in_progress`: an opt-out of the same purpose is being saved, and it holds */
        "signal_stands.opt_out_in_progress": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:signal_stands" | "urn:assent:problem:opt_out_in_progress";
                };
            };
        };
        /** @description `visibility_not_found`: the policy names no such visibility group */
        visibility_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:visibility_not_found";
                };
            };
        };
        /** @description `too_many_choices`: the record of the user keeps no more choices; `opt_out_in_progress`: an opt-out of the same purpose is being saved, and it holds; `user_erased`: the user was erased */
        "too_many_choices.opt_out_in_progress.user_erased": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:too_many_choices" | "urn:assent:problem:opt_out_in_progress" | "urn:assent:problem:user_erased";
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
        /** @description `receipt_not_found`: there is no such receipt */
        receipt_not_found: {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:receipt_not_found";
                };
            };
        };
        /** @description `purpose_not_found`: the policy names no such purpose; `notice_not_found`: the purpose never had such a notice; `policy_not_found`: there is no such policy version */
        "purpose_not_found.notice_not_found.policy_not_found": {
            headers: {
                /** @description that of the request, or one that was given to it */
                "X-Request-Id": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    type?: "urn:assent:problem:purpose_not_found" | "urn:assent:problem:notice_not_found" | "urn:assent:problem:policy_not_found";
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
    setProfile: {
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
                "application/json": components["schemas"]["ProfileRequest"];
            };
        };
        responses: {
            /** @description the change is in force */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledged"];
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
            507: components["responses"]["too_many_users"];
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
    eraseUser: {
        parameters: {
            query?: never;
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
            /** @description whether there was somebody to erase, and the record that it was done */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erased"];
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
    getSettings: {
        parameters: {
            query?: {
                /** @description a language tag such as `en` or `pt-BR` */
                language?: string;
            };
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
                /** @description the `ETag` of what the caller has: 304 when it is that still */
                "If-None-Match"?: string;
                /** @description `1`: the user sends Global Privacy Control, which is recorded before anything else */
                "Sec-GPC"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the settings */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description it is what the caller has, by `If-None-Match` */
            304: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable.not_confirmed"];
            507: components["responses"]["too_many_users"];
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
    getChoice: {
        parameters: {
            query?: {
                /** @description a language tag such as `en` or `pt-BR` */
                language?: string;
            };
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
                /** @description the `ETag` of what the caller has: 304 when it is that still */
                "If-None-Match"?: string;
                /** @description `1`: the user sends Global Privacy Control, which is recorded before anything else */
                "Sec-GPC"?: string;
            };
            path: {
                purpose: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the purpose */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PurposeOfUser"];
                };
            };
            /** @description it is what the caller has, by `If-None-Match` */
            304: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
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
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable.not_confirmed"];
            507: components["responses"]["too_many_users"];
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
    choose: {
        parameters: {
            query?: never;
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
                /** @description the `ETag` of the settings, the purpose or the prompts that the change rests on: 412 when the settings are others by then; absent: the change holds whatever they are */
                "If-Match"?: string;
                /** @description `1`: the user sends Global Privacy Control, which is recorded before anything else */
                "Sec-GPC"?: string;
            };
            path: {
                purpose: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChoiceRequest"];
            };
        };
        responses: {
            /** @description the change is in force */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcknowledgedChoice"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["purpose_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["choice_not_offered.too_many_choices.notice_needed.notice_not_current.signal_stands.opt_out_in_progress.user_erased"];
            412: components["responses"]["settings_changed"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
            507: components["responses"]["too_many_users"];
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
    takeChoiceBack: {
        parameters: {
            query?: never;
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
                /** @description the `ETag` of the settings, the purpose or the prompts that the change rests on: 412 when the settings are others by then; absent: the change holds whatever they are */
                "If-Match"?: string;
                /** @description `1`: the user sends Global Privacy Control, which is recorded before anything else */
                "Sec-GPC"?: string;
            };
            path: {
                purpose: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description nothing is said for the purpose */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcknowledgedChoice"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["purpose_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["signal_stands.opt_out_in_progress"];
            412: components["responses"]["settings_changed"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
            507: components["responses"]["too_many_users"];
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
    getPrompts: {
        parameters: {
            query?: {
                /** @description a language tag such as `en` or `pt-BR` */
                language?: string;
            };
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
                /** @description the `ETag` of what the caller has: 304 when it is that still */
                "If-None-Match"?: string;
                /** @description `1`: the user sends Global Privacy Control, which is recorded before anything else */
                "Sec-GPC"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what to ask now, and what not before when */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Prompts"];
                };
            };
            /** @description it is what the caller has, by `If-None-Match` */
            304: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    /** @description what this is by now, for the `If-Match` of the change that rests on it */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            408: components["responses"]["request_timeout"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.consent_unavailable.not_confirmed"];
            507: components["responses"]["too_many_users"];
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
    chooseMany: {
        parameters: {
            query?: never;
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
                /** @description the `ETag` of the settings, the purpose or the prompts that the change rests on: 412 when the settings are others by then; absent: the change holds whatever they are */
                "If-Match"?: string;
                /** @description `1`: the user sends Global Privacy Control, which is recorded before anything else */
                "Sec-GPC"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChoicesRequest"];
            };
        };
        responses: {
            /** @description the changes are in force */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcknowledgedChoices"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["purpose_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["choice_not_offered.too_many_choices.notice_needed.notice_not_current.signal_stands.opt_out_in_progress.user_erased"];
            412: components["responses"]["settings_changed"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
            507: components["responses"]["too_many_users"];
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
    setVisibility: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the settings, the purpose or the prompts that the change rests on: 412 when the settings are others by then; absent: the change holds whatever they are */
                "If-Match"?: string;
                /** @description `1`: the user sends Global Privacy Control, which is recorded before anything else */
                "Sec-GPC"?: string;
            };
            path: {
                group: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LevelRequest"];
            };
        };
        responses: {
            /** @description the level is in force */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledged"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["visibility_not_found"];
            408: components["responses"]["request_timeout"];
            409: components["responses"]["too_many_choices.opt_out_in_progress.user_erased"];
            412: components["responses"]["settings_changed"];
            413: components["responses"]["body_too_large"];
            429: components["responses"]["too_many_proofs.too_many_requests"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal_error"];
            503: components["responses"]["storage_unavailable.answers_waiting.overloaded.identity_unavailable.not_confirmed"];
            507: components["responses"]["too_many_users"];
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
    getHistory: {
        parameters: {
            query?: {
                order?: "oldest" | "newest";
                /** @description a language tag such as `en` or `pt-BR` */
                language?: string;
                after?: string;
                limit?: number;
                /** @description text of at most 500 characters that says something, on one line */
                reason?: string;
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
            /** @description the events; `after` takes the `id` of the last one */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
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
    getUses: {
        parameters: {
            query?: {
                /** @description a language tag such as `en` or `pt-BR` */
                language?: string;
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
                /** @description text of at most 500 characters that says something, on one line */
                reason?: string;
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
                    "application/json": components["schemas"]["UsesOfUser"];
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
    getReceipt: {
        parameters: {
            query?: {
                /** @description text of at most 500 characters that says something, on one line */
                reason?: string;
            };
            header?: never;
            path: {
                event: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the receipt in JSON-LD, and the same as a compact JWS */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedReceipt"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["receipt_not_found"];
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
    getNotice: {
        parameters: {
            query?: {
                version?: number;
                /** @description `sha256:` and 64 hexadecimal digits, as an answer gave it */
                policy?: string;
                /** @description a language tag such as `en` or `pt-BR` */
                language?: string;
            };
            header?: {
                /** @description the languages of the texts in the answer, by preference */
                "Accept-Language"?: string;
            };
            path: {
                purpose: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the notice */
            200: {
                headers: {
                    /** @description that of the request, or one that was given to it */
                    "X-Request-Id": string;
                    /** @description the language of the texts */
                    "Content-Language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notice"];
                };
            };
            400: components["responses"]["invalid_request"];
            401: components["responses"]["not_authenticated"];
            403: components["responses"]["caller_not_allowed.not_own_page"];
            404: components["responses"]["purpose_not_found.notice_not_found.policy_not_found"];
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
