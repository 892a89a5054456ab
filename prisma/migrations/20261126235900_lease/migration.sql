-- What builds held before that wrote none.
ALTER TABLE "fleet_member" ADD COLUMN "lease" INTEGER NOT NULL DEFAULT 2000;
