-- CreateTable
CREATE TABLE "failed_verification" (
    "of" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "because" TEXT NOT NULL,
    "by" TEXT,

    CONSTRAINT "failed_verification_pkey" PRIMARY KEY ("of")
);
