-- AlterTable
ALTER TABLE "consent_head" ADD COLUMN "former_keys" TEXT NOT NULL DEFAULT '';
