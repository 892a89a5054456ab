-- A build from before keys could be replaced does not name the key in its statements: a user whom it admits after a
-- replacement would be found by nobody else, and be admitted twice. Nothing else inserts users, or who was erased.
CREATE FUNCTION "inserted_under_the_present_key"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present TEXT;
BEGIN
    -- the statement holds the head of the log: the key is replaced before it, or after its commit
    SELECT "key_check" INTO present FROM "consent_head" WHERE "id" = 1;
    IF present LIKE 'named:%' AND EXISTS (
        SELECT FROM "inserted" WHERE translate(encode(substring("sealed" FROM octet_length("sealed") - 5), 'base64'), '+/', '-_')
            <> substring(present FROM 7 FOR 8)
    ) THEN
        RAISE EXCEPTION 'it is sealed with a former key' USING ERRCODE = 'KEY01';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER "inserted_under_the_present_key" AFTER INSERT ON "consent_subject"
    REFERENCING NEW TABLE AS "inserted" FOR EACH STATEMENT EXECUTE FUNCTION "inserted_under_the_present_key"();
CREATE TRIGGER "inserted_under_the_present_key" AFTER INSERT ON "consent_erased"
    REFERENCING NEW TABLE AS "inserted" FOR EACH STATEMENT EXECUTE FUNCTION "inserted_under_the_present_key"();
