-- AlterTable
ALTER TABLE "fleet_member" ADD COLUMN "server" TEXT NOT NULL DEFAULT '';
