/**
 * The words of a text as a reader takes them, in lower case, without accents and without the s of acronyms in the plural: each chunk
 * is one that hyphens part.
 */
export function readChunks(text: string): string[][] {
  return foldText(text.normalize("NFKC").replace(/[A-Z0-9][A-Z]s(?![A-Za-z0-9])/g, (end) => end.slice(0, 2)))
    .replace(/[^\p{L}\p{N}\p{M}-]+/gu, " ")
    .split(" ")
    .map((chunk) =>
      chunk
        .split("-")
        .filter(Boolean)
        .map((word) => word.replace(/^((?![aeiouy])[a-z]){3,}s$|^([cgnt]pu|vla)s$/, (plural) => plural.slice(0, -1)))
        .map((word) => [...word].slice(0, 100).join("")),
    )
    .filter((chunk) => chunk.length > 0);
}

function foldText(text: string): string {
  const plain = withoutAccents(text.replaceAll("---", " ").replaceAll("--", "-"));
  const letters = [...plain].map((letter) => spelt[letter] ?? letter).join("");
  const apart = letters.replace(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu, " $& ");
  return withoutTex(apart)
    .replace(/(?<![\p{L}\p{N}])([a-z])\+\+/gu, "$1plusplus ")
    .replace(/(?<![\p{L}\p{N}])([a-z])#/gu, "$1sharp ")
    .replace(/(?<![\p{L}\p{N}])([a-z])\*(?![\p{L}\p{N}])/gu, "$1star ")
    .replace(/'s(?![a-z0-9])/g, "");
}

function withoutAccents(text: string): string {
  const decomposed = text.normalize("NFKC").toLowerCase().normalize("NFKD");
  return decomposed
    .replace(/[\u0300-\u036f\u20d0-\u20f0\p{Variation_Selector}]/gu, "")
    .normalize("NFKC")
    .toLowerCase();
}

const greek =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega";

const spelt: Record<string, string> = {
  ...Object.fromEntries([..."αβγδεζηθικλμνξοπρστυφχψω"].map((letter, at) => [letter, ` ${greek.split(" ")[at]} `])),
  ...{ ς: " sigma ", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i", ß: "ss", æ: "ae", œ: "oe" },
  ...Object.fromEntries([..."‐‑‒–−"].map((dash) => [dash, "-"])),
  ...Object.fromEntries([..."’ʼ"].map((apostrophe) => [apostrophe, "'"])),
  ...Object.fromEntries([..."\u00ad\u200b\u200c\u200d\u2060\ufeff"].map((invisible) => [invisible, ""])),
};

/** Commands that say how letters look, and accents, vanish; other commands are words; sub- and superscripts are read on. */
function withoutTex(text: string): string {
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at, at + 40);
    const [command] = /^\\(?:text|math|emph|bf|it|rm|operatorname|boldsymbol|bm|mbox|left|right)[a-z]*\*?/.exec(rest) ??
      /^\\["'`^~=.]/.exec(rest) ??
      /^\\var(?=epsilon|theta|phi|rho|sigma|pi|kappa)/.exec(rest) ??
      /^\\[cvhkrubdt](?=\{[a-z])/.exec(rest) ??
      /^[$^{}]/.exec(rest) ??
      /^_(?=[0-9{])/.exec(rest) ?? [""];
    const [between] = /^\}\s*\{/.exec(rest) ?? [""];
    const [star] = /^\\(?:ast|star)(?![a-z])/.exec(rest) ?? [""];
    if (between) plain += " ";
    else if (star) plain += "*";
    else if (/^\\ell(?![a-z])/.test(rest)) plain += "l";
    else if (!command) plain += rest.startsWith("\\") ? " " : rest[0];
    at += between.length || star.length || (/^\\ell(?![a-z])/.test(rest) ? 4 : command.length) || 1;
  }
  return plain;
}
