-- How large a document is, so that drafts are counted and listed without reading what they hold.
ALTER TABLE "policy_draft" ADD COLUMN "size" INTEGER NOT NULL DEFAULT 0;

UPDATE "policy_draft" SET "size" = octet_length("document");

CREATE INDEX "policy_draft_status_idx" ON "policy_draft"("status");
