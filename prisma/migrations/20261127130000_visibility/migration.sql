-- Prisma does not know CHECK constraints and leaves them alone.

ALTER TABLE "consent_event" DROP CONSTRAINT "consent_event_kind_check";

ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_kind_check" CHECK ("kind" IN ('profile', 'choice', 'signal', 'visibility', 'erasure', 'retention'));
