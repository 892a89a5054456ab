-- CreateTable
CREATE TABLE "use_lookup" (
    "id" BIGSERIAL NOT NULL,
    "subject" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "use_lookup_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "use_lookup_subject_at_idx" ON "use_lookup"("subject", "at");

-- CreateIndex
CREATE INDEX "use_lookup_at_idx" ON "use_lookup"("at");
