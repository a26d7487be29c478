/** A number from 0 to 1. */
type Random = () => number;

const signs = [
  '"',
  '"',
  "(",
  ")",
  "-",
  "=",
  "*",
  " OR ",
  " AND ",
  "|",
  "title:",
  "author:",
  "cat:",
  "org:",
  "nofield:",
];
const moreSigns = [
  "“",
  "”",
  "＂",
  "（",
  "）",
  "–",
  "—",
  "\\",
  "$",
  "^",
  "_",
  "{",
  "}",
  "'",
  "’",
  "/",
  ".",
  "+",
  "#",
  "&",
  ":",
];
const strange = [
  "\0",
  "\u0007",
  "\u00ad",
  "\u200b",
  "\u200d",
  "\u202e",
  "\u2067",
  "\u3000",
  "\ufeff",
  "\ufffd",
  "\ufe0f",
  "\u0301",
];
const letters = [
  "é",
  "ß",
  "İ",
  "ς",
  "ﬁ",
  "ﷺ",
  "𝒜",
  "語",
  "각",
  "α",
  "ℓ",
  "²",
  "№",
  "€",
  "🤗",
  "👩‍🔬",
  "\ud800",
  "\udc00",
  "क्ष",
  "ا",
];

/** Lines as nobody types them, and as somebody may who means harm. */
export class NoiseMaker {
  private readonly random: Random;
  /** Interests and strings to begin with. */
  private readonly lines: string[];
  constructor(lines: string[], random: Random) {
    this.lines = lines;
    this.random = random;
  }

  make(): string {
    const share = this.random();
    if (share < 0.3) return this.shaped();
    if (share < 0.8) return this.changed(this.oneOf(this.lines));
    if (share < 0.95) return this.noise();
    return this.long();
  }

  /** Signs and words of the language in any order. */
  private shaped(): string {
    const parts = Array.from({ length: 1 + this.below(14) }, () => {
      const share = this.random();
      if (share < 0.45) return this.oneOf(signs);
      if (share < 0.9) return `${this.oneOf(this.lines).split(/\s+/)[0]}${this.random() < 0.6 ? " " : ""}`;
      return this.oneOf([...moreSigns, ...strange, ...letters]);
    });
    return parts.join("");
  }

  /** A line with some of it taken out, doubled, moved, or put in. */
  private changed(line: string): string {
    let text = line;
    for (let times = this.below(6); times > 0; times--) {
      const at = this.below(text.length + 1);
      const end = at + this.below(6);
      const put = this.random() < 0.5 ? this.oneOf([...signs, ...moreSigns, ...strange, ...letters]) : "";
      const moved = this.random() < 0.3 ? text.slice(at, end).repeat(1 + this.below(3)) : "";
      text = text.slice(0, at) + put + moved + text.slice(this.random() < 0.5 ? at : end);
    }
    return this.random() < 0.05 ? `${text} ${this.oneOf(this.lines)}` : text;
  }

  private noise(): string {
    const highest = this.oneOf([0x7f, 0xff, 0x24f, 0x2fff, 0xffff, 0x10ffff]);
    return String.fromCodePoint(...Array.from({ length: 1 + this.below(40) }, () => this.below(highest + 1)));
  }

  /** As long as a line may be, or far longer, and made of what takes its time. */
  private long(): string {
    const unit = this.oneOf([
      ...signs,
      ...moreSigns,
      ...letters,
      "a",
      "a ",
      "a-",
      "-a ",
      '"a" ',
      "(a ",
      "a* ",
      "a OR ",
      "title:",
    ]);
    const length = this.oneOf([100, 500, 995, 1000, 1001, 10_000, 60_000]);
    const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
    return this.random() < 0.5 ? text : `${this.oneOf(this.lines)} ${text}`.slice(0, length);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private oneOf<T>(list: T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** Interests made to be slow, of the commonest words. */
export const hostile: string[] = [
  "a* b* c*",
  "in* re* co* de*",
  "co* OR re* OR in* OR pr* OR de* OR st* OR mo* OR tr* OR ma* OR ap* OR su* OR ex*",
  `${commonest(32).join(" OR ")}`,
  `${commonest(32).join(" ")}`,
  `${commonest(8).join(" ")}`,
  `we ${commonest(31)
    .map((word) => `-${word}`)
    .join(" ")}`,
  `model -(${commonest(31)
    .map((word) => `-${word}`)
    .join(" OR ")} OR zzz)`,
  `"${"of the ".repeat(100)}"`,
  `"${"model models ".repeat(4)}"`,
  `"we propose a new method for the in of to a"`,
  `"of the" OR "in the" OR "we propose" OR "in this paper" OR "to the" OR "on the" OR "of a" OR "for the"`,
  `${"(".repeat(10)}model OR data${") OR the* ".repeat(1)}${")".repeat(9)}`,
  `${"model (data OR ".repeat(9)}method${")".repeat(9)}`,
  `title:(${commonest(24).join(" OR ")})`,
  `author:(a* OR li* OR wa* OR zh* OR ch* OR ya*)`,
  `cat:cs cat:cs.* cat:c*`,
  `"the" OR "of" OR "and" OR "a" OR "in" OR "to" OR "we"`,
  "x".repeat(1000),
  "x".repeat(10_000),
  `"${"x ".repeat(499)}"`,
  `${"-(model -".repeat(9)}x${")".repeat(9)} data`,
  "語".repeat(999),
  "ﷺ".repeat(50),
];

function commonest(count: number): string[] {
  return `model data method learning paper propose approach results based using show training task performance framework
    large language models learn work used existing new two system demonstrate evaluate analysis problem image human network`
    .split(/\s+/)
    .slice(0, count);
}
