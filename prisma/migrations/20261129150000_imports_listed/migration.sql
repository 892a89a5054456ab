-- AlterTable
ALTER TABLE "consent_import" ADD COLUMN "begun_at" BIGINT,
ADD COLUMN "by" TEXT,
ADD COLUMN "changed_at" BIGINT;
