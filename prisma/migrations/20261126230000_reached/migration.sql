-- AlterTable
ALTER TABLE "fleet_member"
ADD COLUMN "entry" BYTEA NOT NULL DEFAULT '',
ADD COLUMN "published" BYTEA NOT NULL DEFAULT '';
