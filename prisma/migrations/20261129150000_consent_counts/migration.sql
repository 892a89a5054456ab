-- CreateTable
CREATE TABLE "report_day" (
    "day" INTEGER NOT NULL,
    "attributes" TEXT NOT NULL,

    CONSTRAINT "report_day_pkey" PRIMARY KEY ("day")
);

-- CreateTable
CREATE TABLE "consent_count" (
    "purpose" TEXT NOT NULL,
    "day" INTEGER NOT NULL,
    "policy" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "part" DOUBLE PRECISION NOT NULL,
    "minimum" INTEGER NOT NULL,
    "told" TEXT NOT NULL,

    CONSTRAINT "consent_count_pkey" PRIMARY KEY ("purpose","day","policy")
);

-- CreateIndex
CREATE INDEX "consent_count_day_policy_idx" ON "consent_count"("day", "policy");
