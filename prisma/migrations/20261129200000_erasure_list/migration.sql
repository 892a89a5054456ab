-- CreateTable
CREATE TABLE "erasure_list" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "name" TEXT NOT NULL,

    CONSTRAINT "erasure_list_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "erasure_listed" (
    "id" TEXT NOT NULL,
    "at" BIGINT NOT NULL,

    CONSTRAINT "erasure_listed_pkey" PRIMARY KEY ("id")
);
