/** What admins send to change the policy. */
import { Allow, IsIn, IsNumber, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import {
  IgnoresUnknown,
  IsAnyObject,
  IsContentId,
  IsId,
  IsTime,
  MayBeAbsent,
  ReadsAs,
} from '../http/contract/schema.js';
import { UNSEEN } from '../id.js';

const MESSAGE_LENGTH = 2_000;
/** Text of several lines; PostgreSQL keeps none with a NUL. */
const STORABLE = /^[\P{Cc}\n\r\t]*$/u;
const SEEN = String.raw`(?!${UNSEEN.source})[^\p{Cs}\ufffd]`;
/** Text of several lines, not empty and without invisible characters. */
const REMARK = new RegExp(String.raw`^[\r\n\p{Zs}]*(?!\p{White_Space})${SEEN}(?:${SEEN}|[\r\n])*$`, 'u');

/** The property says something in the words of an admin, in one line or several. */
export const IsRemark = (): PropertyDecorator => (target, key) => {
  IsString()(target, key);
  MaxLength(MESSAGE_LENGTH)(target, key);
  ReadsAs(
    REMARK,
    'text that says something, without control or invisible characters other than ends of lines',
  )(target, key);
};
/** Maximum operations of one JSON Patch. */
export const MAX_OPERATIONS = 500;

const IsVersion = () =>
  ReadsAs(/^(current|sha256:[0-9a-f]{64})$/, '`current`, or `sha256:` and 64 hexadecimal digits');

export class VersionParams {
  /** `sha256:…`, or `current`. */
  @IsVersion()
  declare id: string;
}

export class LineageQuery {
  /** The field whose lineage is asked for. */
  @IsId()
  declare field: string;

  /** The policy version: `sha256:…`, or `current`, which is also meant where it is absent. */
  @MayBeAbsent()
  @IsVersion()
  declare version?: string;
}

export class CheckQuery {
  /** The version that the document is to follow: `sha256:…`, or `current`, which is also meant where it is absent. */
  @MayBeAbsent()
  @IsVersion()
  declare base?: string;
}

export class ImpactQuery extends CheckQuery {
  @MayBeAbsent()
  @IsString()
  declare samples?: string;
}

export class DraftParams {
  @IsId()
  declare id: string;
}

class MessageDto {
  /** Why the policy changes, for approvers and later readers. */
  @IsString()
  @MinLength(1)
  @MaxLength(MESSAGE_LENGTH)
  @ReadsAs(STORABLE, 'text without control characters other than tabs and ends of lines')
  declare message: string;
}

export class NewDraftDto extends MessageDto {
  /** The version that the draft follows; absent: the one in force. */
  @MayBeAbsent()
  @IsVersion()
  declare base?: string;

  /** The whole policy; absent: a copy of the base. It need not be sound yet. */
  @MayBeAbsent()
  @IsAnyObject()
  declare document?: object;
}

/** One operation of a JSON Patch (RFC 6902, section 4, which has unknown members ignored). */
@IgnoresUnknown()
export class OperationDto {
  @IsString()
  @IsIn(['add', 'remove', 'replace', 'move', 'copy', 'test'])
  declare op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';

  /** JSON Pointer (RFC 6901) into the document. */
  @IsString()
  @MaxLength(MESSAGE_LENGTH)
  declare path: string;

  @MayBeAbsent()
  @IsString()
  @MaxLength(MESSAGE_LENGTH)
  declare from?: string;

  /** Of `add`, `replace` and `test`: any JSON. */
  @MayBeAbsent()
  @Allow()
  declare value?: unknown;
}

export class ApprovalDto {
  /** `content` of the draft that was reviewed. */
  @IsContentId()
  declare content: string;
}

export class DeclineDto extends ApprovalDto {
  /** The reason, for the authors and the publisher. */
  @IsRemark()
  declare remark: string;
}

export class PublicationDto {
  /** For each purpose whose terms change: the notice version of future grants. */
  @MayBeAbsent()
  @IsAnyObject()
  declare notices?: object;

  /** When it comes into force, with a time zone; absent: now. */
  @MayBeAbsent()
  @IsTime()
  declare publish_at?: string;
}

export class RollbackDto extends MessageDto {
  /** As with a publication. */
  @MayBeAbsent()
  @IsAnyObject()
  declare notices?: object;
}

export class ShadowDto {
  /** The share of decisions that the draft makes too, above 0 and up to 1. */
  @MayBeAbsent()
  @IsNumber()
  @Min(0.0001)
  @Max(1)
  declare share?: number;
}
