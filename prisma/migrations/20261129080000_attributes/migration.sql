-- CreateTable
CREATE TABLE "attribute" (
    "number" SERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "content" TEXT NOT NULL,

    CONSTRAINT "attribute_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "user_attribute" (
    "subject" BIGINT NOT NULL,
    "attribute" INTEGER NOT NULL,
    "value" SMALLINT NOT NULL,

    CONSTRAINT "user_attribute_pkey" PRIMARY KEY ("subject","attribute")
);

-- CreateIndex
CREATE UNIQUE INDEX "attribute_id_key" ON "attribute"("id");

-- AddForeignKey
ALTER TABLE "user_attribute" ADD CONSTRAINT "user_attribute_subject_fkey" FOREIGN KEY ("subject") REFERENCES "consent_subject"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "user_attribute" ADD CONSTRAINT "user_attribute_attribute_fkey" FOREIGN KEY ("attribute") REFERENCES "attribute"("number") ON DELETE CASCADE ON UPDATE RESTRICT;
