-- Before this migration the log held ids and choices as they are. No build that did was released, and SQL cannot seal
-- them: a log with events in it is refused, not converted.
DO $$
BEGIN
    IF EXISTS (SELECT FROM "consent_event") THEN
        RAISE EXCEPTION 'this consent log was written before logs were sealed: export its choices with the build that wrote it, and import them into a new database';
    END IF;
END
$$;

-- DropTable
DROP TABLE "consent_event";

-- AlterTable
ALTER TABLE "consent_head" ADD COLUMN "subject" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN "hash" BYTEA NOT NULL DEFAULT '\x',
ADD COLUMN "key_check" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "consent_event" (
    "revision" BIGINT NOT NULL,
    "subject" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "content" BYTEA,
    "digest" BYTEA,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "consent_event_pkey" PRIMARY KEY ("revision")
);

-- CreateTable
CREATE TABLE "consent_subject" (
    "id" BIGINT NOT NULL,
    "lookup" BYTEA NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "consent_subject_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consent_deadline" (
    "revision" BIGINT NOT NULL,
    "subject" BIGINT NOT NULL,
    "due" BIGINT NOT NULL,

    CONSTRAINT "consent_deadline_pkey" PRIMARY KEY ("revision")
);

-- CreateTable
CREATE TABLE "consent_import" (
    "id" TEXT NOT NULL,
    "line" BIGINT NOT NULL,
    "summary" TEXT NOT NULL,

    CONSTRAINT "consent_import_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "consent_event_subject_revision_idx" ON "consent_event"("subject", "revision");

-- CreateIndex
CREATE UNIQUE INDEX "consent_subject_lookup_key" ON "consent_subject"("lookup");

-- CreateIndex
CREATE INDEX "consent_deadline_due_idx" ON "consent_deadline"("due");

-- CreateIndex
CREATE INDEX "consent_deadline_subject_idx" ON "consent_deadline"("subject");

-- Prisma does not know CHECK constraints and leaves them alone.

ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_revision_check" CHECK ("revision" > 0);

ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_kind_check" CHECK ("kind" IN ('profile', 'choice', 'signal', 'erasure'));

-- What was forgotten leaves its digest, so that the chain can still be verified.
ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_content_check" CHECK (num_nonnulls("content", "digest") = 1);

ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_hash_check" CHECK (length("hash") = 32);
