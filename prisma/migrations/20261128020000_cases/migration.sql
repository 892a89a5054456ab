-- CreateTable
CREATE TABLE "case_file" (
    "id" TEXT NOT NULL,
    "opened_at" BIGINT NOT NULL,
    "events" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "mac" BYTEA NOT NULL,

    CONSTRAINT "case_file_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "case_event" (
    "case_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "case_event_pkey" PRIMARY KEY ("case_id","number")
);

-- CreateIndex
CREATE INDEX "case_file_opened_at_idx" ON "case_file"("opened_at");

-- AddForeignKey
ALTER TABLE "case_event" ADD CONSTRAINT "case_event_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "case_file"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
