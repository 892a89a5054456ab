-- CreateTable
CREATE TABLE "use_access" (
    "id" BIGSERIAL NOT NULL,
    "day" INTEGER NOT NULL,
    "case_id" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "use_access_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "use_access_case_id_at_id_idx" ON "use_access"("case_id", "at", "id");

-- CreateIndex
CREATE INDEX "use_access_day_idx" ON "use_access"("day");
