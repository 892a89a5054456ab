-- CreateTable
CREATE TABLE "receipt_key" (
    "kid" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "private_key" BYTEA,
    "created_at" BIGINT NOT NULL,
    "retired_at" BIGINT,

    CONSTRAINT "receipt_key_pkey" PRIMARY KEY ("kid")
);

-- Prisma does not know CHECK constraints and leaves them alone.

-- Nothing is left to sign with of a key that is retired.
ALTER TABLE "receipt_key" ADD CONSTRAINT "receipt_key_retired_check" CHECK (("retired_at" IS NULL) = ("private_key" IS NOT NULL));

ALTER TABLE "receipt_key" ADD CONSTRAINT "receipt_key_order_check" CHECK ("retired_at" >= "created_at");

-- One key signs at a time.
CREATE UNIQUE INDEX "receipt_key_present" ON "receipt_key" (("retired_at" IS NULL)) WHERE "retired_at" IS NULL;
