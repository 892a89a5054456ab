-- AlterTable
ALTER TABLE "fleet_member" ADD COLUMN "newest_key" TEXT NOT NULL DEFAULT '';
