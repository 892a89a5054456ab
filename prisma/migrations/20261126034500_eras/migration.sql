-- AlterTable
ALTER TABLE "consent_head" ADD COLUMN "log" BYTEA NOT NULL DEFAULT '\x';

-- CreateTable
CREATE TABLE "consent_era" (
    "after_revision" BIGINT NOT NULL,
    "name" BYTEA NOT NULL,

    CONSTRAINT "consent_era_pkey" PRIMARY KEY ("after_revision")
);
