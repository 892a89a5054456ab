import { Controller, Post } from '@nestjs/common';
import { May } from '../../access/authorisation.js';
import { ApiBearerAuth, ApiOperation, ApiTags } from '../../http/described.js';
import { ReceiptKeys } from './receipt-keys.js';
import { keyView } from './receipt-keys.view.js';

@ApiTags('receipts')
@ApiBearerAuth()
@Controller('v1/receipt-keys')
export class ReceiptKeysController {
  constructor(private readonly keys: ReceiptKeys) {}

  @Post()
  @May('rotate', 'receipt_keys')
  @ApiOperation({
    summary: 'Make a new key for receipts, and retire the present one',
    description: 'Role `privacy_officer`. Receipts that were signed before stay verifiable.',
  })
  async rotate() {
    return keyView(await this.keys.rotate());
  }
}
