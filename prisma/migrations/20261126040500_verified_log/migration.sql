-- What a log of before holds is taken as it is: the first opening seals its head, chains its publications and records what was
-- forgotten until then.

-- AlterTable
ALTER TABLE "consent_head" ADD COLUMN "publications" BYTEA NOT NULL DEFAULT '\x',
ADD COLUMN "mac" BYTEA NOT NULL DEFAULT '\x';

-- AlterTable
ALTER TABLE "policy_publication" ADD COLUMN "hash" BYTEA NOT NULL DEFAULT '\x';

-- Prisma does not know CHECK constraints and leaves them alone.

ALTER TABLE "consent_event" DROP CONSTRAINT "consent_event_kind_check";

ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_kind_check" CHECK ("kind" IN ('profile', 'choice', 'signal', 'erasure', 'retention'));
