-- How many declines of a content there were, in whatever draft: a publication names how many it knows of.
CREATE TABLE "policy_content" (
    "id" TEXT NOT NULL,
    "declines" INTEGER NOT NULL,

    CONSTRAINT "policy_content_pkey" PRIMARY KEY ("id")
);
INSERT INTO "policy_content" ("id", "declines")
SELECT "content", count(*) FROM "policy_decline" GROUP BY "content";

-- The version that the draft followed when it was read.
ALTER TABLE "policy_decline" ADD COLUMN "base" TEXT;
UPDATE "policy_decline" SET "base" = "policy_draft"."base" FROM "policy_draft" WHERE "policy_draft"."id" = "draft_id";
ALTER TABLE "policy_decline" ALTER COLUMN "base" SET NOT NULL;

-- CreateIndex
CREATE INDEX "policy_decline_content_idx" ON "policy_decline"("content");
