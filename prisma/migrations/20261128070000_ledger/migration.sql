-- CreateTable
CREATE TABLE "use_term" (
    "id" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "fields" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "case_id" TEXT,
    "day" INTEGER NOT NULL,

    CONSTRAINT "use_term_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "use_count" (
    "day" INTEGER NOT NULL,
    "subject" BIGINT NOT NULL,
    "term" BIGINT NOT NULL,
    "count" BIGINT NOT NULL,
    "first" BIGINT NOT NULL,
    "last" BIGINT NOT NULL,

    CONSTRAINT "use_count_pkey" PRIMARY KEY ("day","subject","term")
) WITH (fillfactor = 90);

-- CreateTable
CREATE TABLE "use_set" (
    "day" INTEGER NOT NULL,
    "bucket" INTEGER NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "term" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    "members" BYTEA NOT NULL,

    CONSTRAINT "use_set_pkey" PRIMARY KEY ("day","bucket","id")
);

-- CreateTable
CREATE TABLE "use_total" (
    "day" INTEGER NOT NULL,
    "term" BIGINT NOT NULL,
    "count" BIGINT NOT NULL,
    "strangers" BIGINT NOT NULL,

    CONSTRAINT "use_total_pkey" PRIMARY KEY ("day","term")
) WITH (fillfactor = 50);

-- CreateTable
CREATE TABLE "use_cursor" (
    "writer" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    "next_block" BIGINT NOT NULL,
    "skip" INTEGER NOT NULL,
    "until" BIGINT NOT NULL,
    "has_ended" BOOLEAN NOT NULL,

    CONSTRAINT "use_cursor_pkey" PRIMARY KEY ("writer")
) WITH (fillfactor = 50);
