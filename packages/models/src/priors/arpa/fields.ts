const SPACE = 32;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/** The fields of one line of bytes, parted by spaces, tabs and carriage returns. Reused from line to line. */
export interface Fields {
  bytes: Buffer;
  count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export function emptyFields(): Fields {
  return { bytes: Buffer.alloc(0), count: 0, starts: new Int32Array(64), ends: new Int32Array(64) };
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === 9 || byte === 13;
}

/** Splits `bytes[from … to)`; fields past the 64th are dropped (no order is that high). */
export function splitFields(fields: Fields, bytes: Buffer, from: number, to: number): void {
  fields.bytes = bytes;
  let count = 0;
  let i = from;
  while (i < to && count < 64) {
    while (i < to && isBlank(bytes[i])) i++;
    if (i === to) break;
    fields.starts[count] = i;
    while (i < to && !isBlank(bytes[i])) i++;
    fields.ends[count++] = i;
  }
  fields.count = count;
}

export function fieldText(fields: Fields, index: number): string {
  return fields.bytes.toString('latin1', fields.starts[index], fields.ends[index]);
}

/**
 * A field as a number, correctly rounded; `NaN` where it is none, `-Infinity` for `-inf`. Decimals of up to 15 digits
 * take the exact short cut mantissa / power of ten, both of which are representable.
 */
export function fieldNumber(fields: Fields, index: number): number {
  const { bytes } = fields;
  const end = fields.ends[index];
  let i = fields.starts[index];
  const negative = bytes[i] === 45;
  if (negative || bytes[i] === 43) i++;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; i < end; i++) {
    const digit = bytes[i] - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (bytes[i] === 46 && decimals < 0) decimals = 0;
    else return slowNumber(fieldText(fields, index));
  }
  if (digits === 0 || digits > 15) return slowNumber(fieldText(fields, index));
  const value = decimals > 0 ? mantissa / POWERS[decimals] : mantissa;
  return negative ? -value : value;
}

function slowNumber(text: string): number {
  if (/^-inf(inity)?$/i.test(text)) return -Infinity;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
}
