-- What a cache has lost its head to, nothing reads.
DELETE FROM "consent_snapshot_piece" AS piece
WHERE NOT EXISTS (
  SELECT FROM "consent_snapshot" AS snapshot
  WHERE snapshot."format" = piece."format" AND snapshot."revision" = piece."revision"
);

-- AddForeignKey
ALTER TABLE "consent_snapshot_piece" ADD CONSTRAINT "consent_snapshot_piece_format_revision_fkey" FOREIGN KEY ("format", "revision") REFERENCES "consent_snapshot"("format", "revision") ON DELETE CASCADE ON UPDATE RESTRICT;
