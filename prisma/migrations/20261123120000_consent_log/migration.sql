-- CreateTable
CREATE TABLE "consent_event" (
    "revision" BIGINT NOT NULL,
    "user_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by_kind" TEXT NOT NULL,
    "by_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "region" TEXT,
    "age_band" TEXT,
    "purpose" TEXT,
    "choice" TEXT,
    "notice" INTEGER,
    "signal" TEXT,

    CONSTRAINT "consent_event_pkey" PRIMARY KEY ("revision")
);

-- CreateTable
CREATE TABLE "consent_head" (
    "id" INTEGER NOT NULL,
    "revision" BIGINT NOT NULL,
    "writer" TEXT NOT NULL,

    CONSTRAINT "consent_head_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "consent_event_user_id_revision_idx" ON "consent_event"("user_id", "revision");

-- Prisma does not know CHECK constraints and leaves them alone.

ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_revision_check" CHECK ("revision" > 0);

ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_by_check" CHECK ("by_kind" IN ('user', 'service'));

-- Each kind carries its own columns and no others. IS TRUE, because a CHECK lets NULL pass.
ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_change_check" CHECK ((
    CASE "kind"
        WHEN 'profile' THEN
            "age_band" IN ('adult', 'minor', 'unknown')
            AND num_nonnulls("purpose", "choice", "notice", "signal") = 0
        WHEN 'choice' THEN
            "purpose" IS NOT NULL AND "choice" IN ('granted', 'denied') AND "notice" >= 0
            AND num_nonnulls("region", "age_band", "signal") = 0
        WHEN 'signal' THEN
            "signal" IN ('gpc')
            AND num_nonnulls("region", "age_band", "purpose", "choice", "notice") = 0
    END
) IS TRUE);

-- There is one log, so there is one head.
ALTER TABLE "consent_head" ADD CONSTRAINT "consent_head_id_check" CHECK ("id" = 1);

ALTER TABLE "consent_head" ADD CONSTRAINT "consent_head_revision_check" CHECK ("revision" >= 0);

INSERT INTO "consent_head" ("id", "revision", "writer") VALUES (1, 0, '');
