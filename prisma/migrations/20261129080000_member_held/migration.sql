-- AlterTable
ALTER TABLE "fleet_member" ADD COLUMN "is_held" BOOLEAN NOT NULL DEFAULT false;
