-- AlterTable
ALTER TABLE "consent_head" ADD COLUMN "lasting" BYTEA NOT NULL DEFAULT '\x';

-- Once the key of the store was replaced, nothing that another key sealed is written any more, whoever wrote it: the key
-- before can be taken away when nothing is left that it sealed. Each row ends with the id of its key, which begins the
-- check in the head. The first key names itself in nothing, and while it is the present one, there is no other. What is
-- inserted in one statement with the head of the log needs no such rule: that statement names the check.
CREATE FUNCTION "sealed_by_the_present_key"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present TEXT;
    sealed BYTEA;
BEGIN
    -- the key is replaced before this statement, or after its commit
    PERFORM pg_advisory_xact_lock_shared(107148485160568);
    SELECT "key_check" INTO present FROM "consent_head" WHERE "id" = 1;
    IF present LIKE 'named:%' THEN
        EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO sealed USING NEW;
        IF sealed IS NOT NULL AND translate(encode(substring(sealed FROM octet_length(sealed) - 5), 'base64'), '+/', '-_')
            <> substring(present FROM 7 FOR 8) THEN
            RAISE EXCEPTION 'it is sealed with a former key' USING ERRCODE = 'KEY01';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER "sealed_by_the_present_key" BEFORE UPDATE OF "sealed" ON "consent_subject"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('sealed');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE UPDATE OF "sealed" ON "consent_erased"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('sealed');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "sealed" ON "consent_snapshot_piece"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('sealed');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "private_key" ON "receipt_key"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('private_key');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "content" ON "case_event"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('content');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "content" ON "extract"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('content');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "content" ON "extract_members"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('content');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "content" ON "extract_unlearned"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('content');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "content" ON "use_access"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('content');
CREATE TRIGGER "sealed_by_the_present_key" BEFORE INSERT OR UPDATE OF "content" ON "use_lookup"
    FOR EACH ROW EXECUTE FUNCTION "sealed_by_the_present_key"('content');
