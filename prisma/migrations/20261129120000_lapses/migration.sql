-- CreateTable
CREATE TABLE "consent_lapses" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "terms" TEXT NOT NULL,
    "reached" BIGINT NOT NULL,
    "is_done" BOOLEAN NOT NULL,

    CONSTRAINT "consent_lapses_pkey" PRIMARY KEY ("id")
);
