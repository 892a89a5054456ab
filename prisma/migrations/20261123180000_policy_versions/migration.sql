-- CreateTable
CREATE TABLE "policy_version" (
    "id" TEXT NOT NULL,
    "document" TEXT NOT NULL,
    "authors" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "parent" TEXT,
    "at" BIGINT NOT NULL,

    CONSTRAINT "policy_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_publication" (
    "sequence" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "after_revision" BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "draft" TEXT,
    "approvals" TEXT NOT NULL,

    CONSTRAINT "policy_publication_pkey" PRIMARY KEY ("sequence")
);

-- CreateTable
CREATE TABLE "policy_draft" (
    "id" TEXT NOT NULL,
    "edit" INTEGER NOT NULL,
    "base" TEXT NOT NULL,
    "document" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "authors" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "schedule" TEXT,
    "refusal" TEXT,
    "created_at" BIGINT NOT NULL,
    "changed_at" BIGINT NOT NULL,

    CONSTRAINT "policy_draft_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_approval" (
    "draft_id" TEXT NOT NULL,
    "edit" INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    "roles" TEXT NOT NULL,
    "at" BIGINT NOT NULL,

    CONSTRAINT "policy_approval_pkey" PRIMARY KEY ("draft_id","edit","by")
);

-- CreateIndex
CREATE INDEX "policy_publication_at_idx" ON "policy_publication"("at");

-- CreateIndex
CREATE INDEX "policy_draft_created_at_idx" ON "policy_draft"("created_at");

-- AddForeignKey
ALTER TABLE "policy_publication" ADD CONSTRAINT "policy_publication_version_fkey" FOREIGN KEY ("version") REFERENCES "policy_version"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "policy_approval" ADD CONSTRAINT "policy_approval_draft_id_fkey" FOREIGN KEY ("draft_id") REFERENCES "policy_draft"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- Prisma does not know CHECK constraints and leaves them alone.

ALTER TABLE "policy_version" ADD CONSTRAINT "policy_version_id_check" CHECK ("id" ~ '^sha256:[0-9a-f]{64}$');

ALTER TABLE "policy_publication" ADD CONSTRAINT "policy_publication_sequence_check" CHECK ("sequence" > 0);

ALTER TABLE "policy_draft" ADD CONSTRAINT "policy_draft_status_check" CHECK ("status" IN ('open', 'scheduled', 'published', 'discarded'));

ALTER TABLE "policy_draft" ADD CONSTRAINT "policy_draft_schedule_check" CHECK (("status" = 'scheduled') = ("schedule" IS NOT NULL));
