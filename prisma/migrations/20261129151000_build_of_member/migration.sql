-- AlterTable
ALTER TABLE "fleet_member" ADD COLUMN "build" TEXT NOT NULL DEFAULT '';
