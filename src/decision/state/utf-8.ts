/** UTF-8 (RFC 3629) of well-formed texts: the core has no encoder of its own. */

/** UTF-8 of a text; fastest for one of ASCII, as ids mostly are. @returns where it ends in `out` */
export function encode(text: string, out: Uint8Array, start: number): number {
  let end = start;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return encodeFrom(text, index, out, end);
    out[end++] = unit;
  }
  return end;
}

/** UTF-8 (RFC 3629) of a text from a place on. @returns the length of what is in `out` then */
export function encodeFrom(text: string, from: number, out: Uint8Array, length: number): number {
  let end = length;
  for (let index = from; index < text.length; index++) {
    const point = text.codePointAt(index) ?? 0;
    if (point < 0x80) out[end++] = point;
    else if (point < 0x800) {
      out[end++] = 0xc0 | (point >> 6);
      out[end++] = 0x80 | (point & 0x3f);
    } else if (point < 0x1_0000) {
      out[end++] = 0xe0 | (point >> 12);
      out[end++] = 0x80 | ((point >> 6) & 0x3f);
      out[end++] = 0x80 | (point & 0x3f);
    } else {
      index++;
      out[end++] = 0xf0 | (point >> 18);
      out[end++] = 0x80 | ((point >> 12) & 0x3f);
      out[end++] = 0x80 | ((point >> 6) & 0x3f);
      out[end++] = 0x80 | (point & 0x3f);
    }
  }
  return end;
}

/** The text of well-formed UTF-8. */
export function decode(bytes: Uint8Array, from: number, length: number): string {
  let text = '';
  const end = from + length;
  for (let index = from; index < end;) {
    const lead = bytes[index++] ?? 0;
    const more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let point = more === 0 ? lead : lead & (0x3f >> more);
    for (let count = 0; count < more; count++) point = (point << 6) | ((bytes[index++] ?? 0) & 0x3f);
    text += String.fromCodePoint(point);
  }
  return text;
}
