-- Unlogged: a cache of what the log says, which no standby and no backup of the server's files is to have.

-- CreateTable
CREATE UNLOGGED TABLE "consent_snapshot" (
    "format" INTEGER NOT NULL,
    "revision" BIGINT NOT NULL,
    "pieces" INTEGER NOT NULL DEFAULT 0,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "consent_snapshot_pkey" PRIMARY KEY ("format","revision")
);

-- CreateTable
CREATE UNLOGGED TABLE "consent_snapshot_piece" (
    "format" INTEGER NOT NULL,
    "revision" BIGINT NOT NULL,
    "piece" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "consent_snapshot_piece_pkey" PRIMARY KEY ("format","revision","piece")
);

-- What is sealed cannot be compressed.
ALTER TABLE "consent_snapshot_piece" ALTER COLUMN "sealed" SET STORAGE EXTERNAL;
