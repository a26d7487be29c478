import { setImmediate as immediate } from "node:timers/promises";
import type { Sql } from "./db.ts";

const signature = Buffer.from(`PGCOPY\n\xff\r\n\0${"\0".repeat(8)}`, "latin1");
const firstBytes = 1 << 20;
const epoch = Temporal.Instant.from("2000-01-01T00:00:00Z").epochNanoseconds;
const firstDay = Temporal.PlainDate.from("2000-01-01");

/**
 * Rows in the binary format of COPY (PostgreSQL's manual, "COPY", "Binary Format"), which neither side has to turn into text and
 * back. What is called for a column must be its very type.
 */
export class CopyRows {
  private readonly columns: number;
  private bytes = Buffer.allocUnsafe(firstBytes);
  private view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  private end = signature.copy(this.bytes);
  count = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  /** Begins a row. */
  row(): this {
    this.reserve(2);
    this.view.setInt16(this.end, this.columns);
    this.end += 2;
    this.count++;
    return this;
  }

  smallint(value: number): this {
    const at = this.value(2);
    this.view.setInt16(at, value);
    return this;
  }

  integer(value: number): this {
    const at = this.value(4);
    this.view.setInt32(at, value);
    return this;
  }

  /** A bigint, or a time by `toTimestamp`. */
  bigint(value: number): this {
    const at = this.value(8);
    this.view.setInt32(at, Math.floor(value / 2 ** 32));
    this.view.setUint32(at + 4, value >>> 0);
    return this;
  }

  /** Text. */
  text(value: string): this {
    this.reserve(4 + 3 * value.length);
    const length = this.bytes.write(value, this.end + 4);
    this.view.setInt32(this.end, length);
    this.end += 4 + length;
    return this;
  }

  /** All of it, as the server wants it. */
  toBuffer(): Buffer {
    this.reserve(2);
    this.view.setInt16(this.end, -1);
    return this.bytes.subarray(0, this.end + 2);
  }

  /** Where a value of so many bytes goes. Ask for `view` after this: it may be another one. */
  private value(length: number): number {
    this.reserve(4 + length);
    this.view.setInt32(this.end, length);
    this.end += 4 + length;
    return this.end - length;
  }

  private reserve(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    const longer = Buffer.allocUnsafe(2 * (this.bytes.length + more));
    this.bytes.copy(longer, 0, 0, this.end);
    this.bytes = longer;
    this.view = new DataView(longer.buffer, longer.byteOffset, longer.length);
  }
}

/** A timestamptz for `bigint`: whole microseconds. */
export function toTimestamp(instant: Temporal.Instant): number {
  return Number((instant.epochNanoseconds - epoch) / 1000n);
}

/** A date for `integer`. */
export function toDays(date: Temporal.PlainDate): number {
  return firstDay.until(date).days;
}

/**
 * Writes rows through `statement`, a `copy ... from stdin (format binary)`, which takes a third of the time that inserts do. Within
 * a transaction only, which fails with it.
 */
export async function copyRows(transaction: Sql, statement: string, rows: CopyRows): Promise<void> {
  if (rows.count === 0) return;
  const query = transaction.unsafe(statement).simple();
  const stream = await query.writable();
  const refusal = listenForRefusal(query);
  await new Promise((resolve) => {
    stream.once("error", resolve);
    stream.write(rows.toBuffer(), resolve);
  });
  stream.end();
  await immediate();
  await transaction`select`.catch((error) => {
    throw new Error(`PostgreSQL refused rows of: ${statement}`, { cause: refusal.error ?? error });
  });
}

/**
 * The client has resolved the query by now: when the server refuses a row it tells the query, and nobody else, and the stream may
 * never finish. So it is asked with the next statement, which fails then. This stands apart because the query lives on for a
 * while, and with it what is named beside its listener: rows that are kept cost planning a quarter of its time in Node.
 */
function listenForRefusal(query: object): { error?: unknown } {
  const refusal: { error?: unknown } = {};
  Object.assign(query, {
    reject: (error: unknown) => {
      refusal.error = error;
    },
  });
  return refusal;
}
