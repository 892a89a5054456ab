-- AlterTable
ALTER TABLE "consent_head" ADD COLUMN "key_since" BIGINT NOT NULL DEFAULT 0;
