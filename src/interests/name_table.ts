/**
 * Names with numbers, found where they stand in a longer text by a hash that the reader of the text reckons sign by sign. No
 * string is made of what is only looked up, which is most of it.
 */
export class NameTable {
  readonly names: string[] = [];
  private readonly numbers: number[] = [];
  /** Open addressing: an index into `names`, and 1; 0 is free. */
  private slots = new Int32Array(64);

  /** The lengths of names by the sign that they begin with, a bit for each; those from 31 on share one. */
  private readonly lengths = new Map<number, number>();

  /** Whether there is a name of this length that begins with this sign: sooner said than a name is looked up. */
  mayHold(first: number, length: number): boolean {
    const lengths = this.lengths.get(first);
    return lengths !== undefined && ((lengths >>> Math.min(length, 31)) & 1) === 1;
  }

  /** The number of a name; undefined when it is not here. */
  get(name: string): number | undefined {
    return this.find(hashOf(name), name, 0, name.length);
  }

  add(name: string, number: number): void {
    const first = name.charCodeAt(0);
    this.lengths.set(first, (this.lengths.get(first) ?? 0) | (1 << Math.min(name.length, 31)));
    this.names.push(name);
    this.numbers.push(number);
    if (this.names.length * 2 <= this.slots.length) this.place(this.names.length - 1);
    else {
      this.slots = new Int32Array(this.slots.length * 4);
      for (let index = 0; index < this.names.length; index++) this.place(index);
    }
  }

  /** The number of the name that stands in `text` from `start` to `end`, whose hash this is. */
  find(hash: number, text: string, start: number, end: number): number | undefined {
    const mask = this.slots.length - 1;
    for (let slot = mix(hash) & mask; ; slot = (slot + 1) & mask) {
      const index = this.slots[slot] as number;
      if (index === 0) return undefined;
      const name = this.names[index - 1] as string;
      if (name.length === end - start && text.startsWith(name, start)) return this.numbers[index - 1];
    }
  }

  private place(index: number): void {
    const mask = this.slots.length - 1;
    let slot = mix(hashOf(this.names[index] as string)) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = index + 1;
  }
}

/** The hash of a text followed by a sign, from that of the text; the empty text has 0. */
export function hashWith(hash: number, sign: number): number {
  return (Math.imul(hash, 31) + sign) | 0;
}

function hashOf(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = hashWith(hash, name.charCodeAt(at));
  return hash;
}

/** Spreads what differs in few bits. */
function mix(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 7;
}
