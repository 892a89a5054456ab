import { Body, Controller, Get, Header, HttpCode, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Operation, Tag } from '../../http/contract/described.js';
import { PUBLIC } from '../../http/open-routes.js';
import { schemaOf } from '../../http/contract/schema.js';
import { limitedTo } from '../../http/body.js';
import { ReceiptKeys } from './receipt-keys.js';
import { KEY_SET, VERIFICATION, VOCABULARY_DOCUMENT, jwkView, keyView } from './receipt-keys.view.js';
import { MAX_JWS, verifySigned } from './receipt-verification.js';
import { Receipts } from './receipts.js';
import { ReceiptVerificationDto } from './receipts.dto.js';

/** Lets anybody verify a receipt, here or with the published keys. */
@Tag('receipts')
@Controller()
export class ReceiptVerificationController {
  constructor(
    private readonly keys: ReceiptKeys,
    private readonly receipts: Receipts,
  ) {}

  @Post('v1/receipts/verify')
  @HttpCode(200)
  @RouteConfig({ ...PUBLIC, ...limitedTo(2 * MAX_JWS) })
  @Operation('verifyReceipt', {
    summary: 'Whether a receipt is one of this service',
    description: 'Open to everybody.',
    body: { 'application/json': schemaOf(ReceiptVerificationDto) },
    answers: {
      200: {
        description: '`valid`, with the receipt and its key, or with what is wrong',
        schema: VERIFICATION,
      },
    },
  })
  async verify(@Body() body: unknown) {
    const verification = await verifySigned(body, await this.keys.all());
    return verification.valid ? { ...verification, key: keyView(verification.key) } : verification;
  }

  @Get('.well-known/receipt-keys.json')
  @RouteConfig(PUBLIC)
  @Header('cache-control', 'public, max-age=3600')
  @Operation('receiptKeys', {
    summary: 'The public keys of receipts, as a JWK set (RFC 7517)',
    description: 'Every key there ever was, with when it was made and retired. Open to everybody.',
    answers: { 200: { description: 'the keys', schema: KEY_SET } },
  })
  async publicKeys() {
    return { keys: (await this.keys.all()).map(jwkView) };
  }

  @Get('vocabulary')
  @RouteConfig(PUBLIC)
  @Header('cache-control', 'public, max-age=3600')
  @Operation('receiptVocabulary', {
    summary: 'What the terms of this service in receipts mean, as JSON-LD',
    description: 'Open to everybody.',
    answers: { 200: { description: 'the terms', schema: VOCABULARY_DOCUMENT } },
  })
  vocabulary() {
    return this.receipts.vocabulary();
  }
}
