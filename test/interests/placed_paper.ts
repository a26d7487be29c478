import { readChunks } from "./folding.ts";

export type Written = {
  title: string;
  abstract: string;
  authors: string[];
  organization: string | null;
  categories: string[];
};

/** `chunk` is the whole that was written with hyphens, or the word itself. */
type Word = { word: string; chunk: string[]; part: number; next: string | undefined };
export type Text = { field: "title" | "abstract" | "author" | "org" | undefined; text: Word[] };
/** Texts in which neighbours may be one compound, and others. Of a list each is a text, so that no phrase runs over its end. */
type Read = { joining: Text[]; plain: Text[]; categories: Set<string> };

/** A paper's texts, word by word. */
export function readPaper({ title, abstract, authors, organization, categories }: Written): Read {
  return {
    joining: [
      { field: "title", text: readText(title) },
      { field: "abstract", text: readText(abstract) },
      ...authors.map((author) => ({ field: "author" as const, text: readText(author) })),
      { field: "org", text: readText(organization ?? "") },
    ],
    plain: [{ field: undefined, text: readText(categories.join(" ")) }],
    categories: new Set(categories.flatMap((it) => [it.toLowerCase(), it.toLowerCase().split(".")[0] as string])),
  };
}

function readText(text: string): Word[] {
  const words = readChunks(text).flatMap((chunk) => chunk.map((word, part) => ({ word, chunk, part })));
  return words.map((it, at) => ({ ...it, next: words[at + 1]?.word }));
}

/** The words of a paper, and what they may be joined to: all that is to be stemmed for it. */
export function formsInPaper({ plain, joining }: Read): string[] {
  return [...plain, ...joining].flatMap(({ text }) =>
    text.flatMap(({ word, chunk, next }) => [word, chunk.join(""), word + (next ?? "")]),
  );
}

/** What is found at one place: words as they are written, alone or with what they are joined to, and stems of these. */
export type Place = { words: Set<string>; stems: Set<string> };
export type Placed = { texts: { field: Text["field"]; places: Place[] }[]; categories: Set<string> };

/** What stands where in a paper. */
export function placePaper(
  { joining, plain, categories }: Read,
  stems: Map<string, string>,
  linking: Set<string>,
): Placed {
  const place = ({ field, text }: Text, joins: boolean) => {
    const places = text.map(({ word }) => ({ words: new Set([word]), stems: new Set([stems.get(word) as string]) }));
    for (const [at, { word, chunk, part, next }] of text.entries()) {
      if (chunk.length > 1 && (part === 0 || part === chunk.length - 1)) {
        places[at]?.words.add(chunk.join(""));
        places[at]?.stems.add(stems.get(chunk.join("")) as string);
      }
      if (!joins || !next || linking.has(word) || linking.has(next) || !mayBeCompound(word, next)) continue;
      for (const half of [at, at + 1]) {
        places[half]?.stems.add(stems.get(word + next) as string);
        if (field === "author" || field === "org") places[half]?.words.add(word + next);
      }
    }
    return { field, places };
  };
  return { texts: [...joining.map((it) => place(it, true)), ...plain.map((it) => place(it, false))], categories };
}

/** Compounds are short, and one half of them shorter still. Two numbers are none. */
function mayBeCompound(one: string, other: string): boolean {
  const lengths = [[...one].length, [...other].length] as const;
  return lengths[0] + lengths[1] <= 20 && Math.min(...lengths) <= 7 && /[^0-9]/.test(one + other);
}
