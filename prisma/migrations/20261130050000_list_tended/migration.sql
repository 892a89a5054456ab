-- AlterTable
ALTER TABLE "erasure_list" ADD COLUMN     "tended_at" BIGINT NOT NULL DEFAULT 0;
