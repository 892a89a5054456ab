-- CreateTable
CREATE TABLE "use_discharge" (
    "day" INTEGER NOT NULL,
    "term" BIGINT NOT NULL,
    "subject" BIGINT NOT NULL,
    "obligation" TEXT NOT NULL,
    "use" BYTEA NOT NULL,

    CONSTRAINT "use_discharge_pkey" PRIMARY KEY ("day","term","subject","obligation","use")
);
