-- CreateTable
CREATE TABLE "spent_id" (
    "id" BYTEA NOT NULL,
    "until" BIGINT NOT NULL,

    CONSTRAINT "spent_id_pkey" PRIMARY KEY ("id")
);
