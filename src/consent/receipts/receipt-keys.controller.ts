import { Controller, Post } from '@nestjs/common';
import { May } from '../../access/authorisation.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { ReceiptKeys } from './receipt-keys.js';
import { KEY, keyView } from './receipt-keys.view.js';

@Tag('receipts')
@Controller('v1/receipt-keys')
export class ReceiptKeysController {
  constructor(private readonly keys: ReceiptKeys) {}

  @Post()
  @May('rotate', 'receipt_keys')
  @Operation('rotateReceiptKey', {
    summary: 'Make a new key for receipts, and retire the present one',
    description: 'Role `privacy_officer`. Receipts that were signed before stay verifiable.',
    answers: { 201: { description: 'the new key', schema: KEY } },
  })
  async rotate() {
    return keyView(await this.keys.rotate());
  }
}
