import { IsId } from '../http/contract/schema.js';

export class ConsentBalanceQuery {
  @IsId()
  declare purpose: string;
}
