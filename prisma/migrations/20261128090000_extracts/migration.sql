-- CreateTable
CREATE TABLE "extract" (
    "id" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "opened_at" BIGINT NOT NULL,
    "content" BYTEA NOT NULL,
    "closed_at" BIGINT,
    "parts" INTEGER NOT NULL DEFAULT 0,
    "revision" BIGINT NOT NULL,
    "statements" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "extract_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "extract_members" (
    "extract_id" TEXT NOT NULL,
    "bucket" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "up_to" INTEGER NOT NULL,
    "edition" INTEGER NOT NULL,
    "users" INTEGER NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "extract_members_pkey" PRIMARY KEY ("extract_id","bucket","number")
);

-- CreateTable
CREATE TABLE "extract_unlearned" (
    "extract_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "extract_unlearned_pkey" PRIMARY KEY ("extract_id","number")
);

-- CreateIndex
CREATE INDEX "extract_opened_at_idx" ON "extract"("opened_at");

-- CreateIndex
CREATE INDEX "extract_members_bucket_idx" ON "extract_members"("bucket");

-- AddForeignKey
ALTER TABLE "extract_members" ADD CONSTRAINT "extract_members_extract_id_fkey" FOREIGN KEY ("extract_id") REFERENCES "extract"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "extract_unlearned" ADD CONSTRAINT "extract_unlearned_extract_id_fkey" FOREIGN KEY ("extract_id") REFERENCES "extract"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
