-- CreateTable
CREATE TABLE "purpose_review" (
    "sequence" SERIAL NOT NULL,
    "purpose" TEXT NOT NULL,
    "policy" TEXT NOT NULL,
    "review_by" TEXT,
    "finding" TEXT NOT NULL,
    "next" TEXT,
    "by" TEXT NOT NULL,
    "roles" TEXT[],
    "at" BIGINT NOT NULL,

    CONSTRAINT "purpose_review_pkey" PRIMARY KEY ("sequence")
);

-- CreateIndex
CREATE INDEX "purpose_review_purpose_sequence_idx" ON "purpose_review"("purpose", "sequence");
