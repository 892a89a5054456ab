-- How many declines of a draft there were: a publication names how many it knows of, so that none is passed over.
ALTER TABLE "policy_draft" ADD COLUMN "declines" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "policy_decline" (
    "draft_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "edit" INTEGER NOT NULL,
    "content" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "roles" TEXT NOT NULL,
    "remark" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "lifted_at" BIGINT,

    CONSTRAINT "policy_decline_pkey" PRIMARY KEY ("draft_id","number")
);

-- AddForeignKey
ALTER TABLE "policy_decline" ADD CONSTRAINT "policy_decline_draft_id_fkey" FOREIGN KEY ("draft_id") REFERENCES "policy_draft"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
