/** Memory for all bodies that are being received, so that many large ones do not end the process. */
import type { IncomingHttpHeaders } from 'node:http';
import { getHeapStatistics } from 'node:v8';

/** Bodies up to this many bytes are not counted: there are as many at most as connections. */
const SMALL = 4_096;
/** What a body that is read as a stream holds at a time. */
const STREAM_BYTES = 262_144;
const STREAM_TYPE = /^(application\/x-ndjson|text\/plain)\b/i;
/** What the bodies of what people say may take beyond what all others may. */
const MORE_FOR_CRITICAL = 2;
/** The share of the heap's limit that bodies may take; their bytes lie outside the heap, and what is made of them in it. */
const SHARE = 1 / 8;

/** What ends at some time. */
type Closing = { readonly once: (event: 'close', then: () => void) => unknown };
/** A request as far as it matters here. */
type Received = Closing & { readonly headers: IncomingHttpHeaders };

export class Bodies {
  private held = 0;

  /**
   * @param limit bytes of the largest body that any route takes
   * @param most bytes of all bodies: by default what the process has room for, and one of the largest in any case
   */
  constructor(
    private readonly limit: number,
    private readonly most = Math.max(limit, getHeapStatistics().heap_size_limit * SHARE),
  ) {}

  /** Bytes of the bodies that are counted. */
  get taken(): number {
    return this.held;
  }

  /**
   * Takes the room of a body until it was read or answered, or its sender is gone. What is left of a body that was answered
   * is thrown away as it comes; and of such a request Node reports no end once its connection is gone.
   *
   * @param isCritical whether it is what people say: for that there is room where others have filled theirs
   * @returns whether there is room
   */
  take(request: Received, response: Closing, isCritical: boolean): boolean {
    const bytes = this.bytesOf(request.headers);
    if (bytes <= SMALL) return true;
    if (this.held + bytes > this.most * (isCritical ? MORE_FOR_CRITICAL : 1)) return false;
    this.held += bytes;
    let isHeld = true;
    const release = () => {
      if (isHeld) this.held -= bytes;
      isHeld = false;
    };
    request.once('close', release);
    response.once('close', release);
    return true;
  }

  private bytesOf(headers: IncomingHttpHeaders): number {
    const { 'content-length': length, 'transfer-encoding': coding, 'content-type': type = '' } = headers;
    const bytes = coding === undefined ? Number(length ?? 0) : this.limit;
    if (bytes > SMALL && STREAM_TYPE.test(type)) return STREAM_BYTES;
    // what is larger is not kept
    return Math.min(bytes, this.limit);
  }
}
