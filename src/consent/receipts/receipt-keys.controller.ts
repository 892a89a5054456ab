import { Controller, Post } from '@nestjs/common';
import { CurrentCaller } from '../../access/tokens/authentication.js';
import type { Caller } from '../../access/caller.js';
import { mustBeAllowedOnReceiptKeys } from '../../access/receipt-key-permissions.js';
import { ApiBearerAuth, ApiOperation, ApiTags } from '../../http/described.js';
import { ReceiptKeys } from './receipt-keys.js';
import { keyView } from './receipt-keys.view.js';

@ApiTags('receipts')
@ApiBearerAuth()
@Controller('v1/receipt-keys')
export class ReceiptKeysController {
  constructor(private readonly keys: ReceiptKeys) {}

  @Post()
  @ApiOperation({
    summary: 'Make a new key for receipts, and retire the present one',
    description: 'Role `privacy_officer`. Receipts that were signed before stay verifiable.',
  })
  async rotate(@CurrentCaller() caller: Caller) {
    mustBeAllowedOnReceiptKeys(caller, 'rotate');
    return keyView(await this.keys.rotate());
  }
}
