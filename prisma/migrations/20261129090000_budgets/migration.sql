-- CreateTable
CREATE TABLE "dp_budget" (
    "purpose" TEXT NOT NULL,
    "period" TEXT NOT NULL,
    "epsilon" DECIMAL NOT NULL,
    "delta" DECIMAL NOT NULL,
    "figures" BIGINT NOT NULL,
    "first" BIGINT NOT NULL,
    "last" BIGINT NOT NULL,

    CONSTRAINT "dp_budget_pkey" PRIMARY KEY ("purpose","period")
);

-- CreateTable
CREATE TABLE "dp_figure" (
    "purpose" TEXT NOT NULL,
    "figure" TEXT NOT NULL,
    "data" TEXT NOT NULL,
    "period" TEXT NOT NULL,
    "epsilon" DECIMAL NOT NULL,
    "delta" DECIMAL NOT NULL,
    "client" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "given" BIGINT NOT NULL,

    CONSTRAINT "dp_figure_pkey" PRIMARY KEY ("purpose","figure")
);

-- CreateIndex
CREATE INDEX "dp_budget_first_purpose_period_idx" ON "dp_budget"("first", "purpose", "period");
