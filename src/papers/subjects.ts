import type { Database, Sql } from "../db.ts";
import { toExpressions } from "../interests/expression.ts";
import { type Interest, parseInterest } from "../interests/language.ts";
import { InterestError, isLinking } from "../interests/tokens.ts";
import { withinBounds } from "./search.ts";
import { texToUnicode } from "./tex.ts";

/** Titles that are read for what papers are about at present. */
const recentDays = 14;
const mostTitles = 3000;
/** A subject that is worth an interest stands in so many titles, but in no greater share of them. */
const fewestTitles = 4;
const greatestShare = 0.012;
const keptSubjects = 400;

/** A paper's own phrases are looked for in so many papers at most; one that more have says little about it. */
const mostPapers = 300;
const mostTried = 32;

/** What recent titles are about, in two or three words each, the commonest first. */
export async function recentSubjects(sql: Sql, now: Temporal.Instant): Promise<string[]> {
  const today = now.toZonedDateTimeISO("UTC").toPlainDate();
  const rows = await sql<{ title: string }[]>`
    select title from papers where day between ${today.subtract({ days: recentDays })} and ${today}
    order by day desc, id desc limit ${mostTitles}`;
  const counts = new Map<string, number>();
  for (const { title } of rows)
    for (const phrase of new Set(phrasesOf(title))) counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  const most = Math.max(fewestTitles, greatestShare * rows.length);
  return withoutParts([...counts].filter(([, count]) => count >= fewestTitles && count <= most))
    .sort(([, one], [, other]) => other - one)
    .slice(0, keptSubjects)
    .map(([phrase]) => phrase);
}

/** Interests that would find papers like this one: phrases of its title, or that its abstract repeats, which others have too. */
export function subjectsOf(sql: Database, paper: { title: string; abstract: string }, most: number): Promise<string[]> {
  return withinBounds(sql, async (transaction) => {
    const tried = candidatesIn(paper).slice(0, mostTried);
    const expressions = await toExpressions(
      transaction,
      tried.map((it) => it.interest),
    );
    const counts = await transaction<{ ordinal: number; papers: number }[]>`
      select q.ordinal, (
        select count(*)::int from (select from papers p where p.vector @@ q.tsquery::tsquery limit ${mostPapers + 1}) as found
      ) as papers
      from unnest(${expressions.map((it) => it.tsquery)}::text[]) with ordinality as q (tsquery, ordinal)`;
    return counts
      .filter(({ papers }) => papers > 2 && papers <= mostPapers)
      .map(({ ordinal, papers }) => ({ ...(tried[ordinal - 1] as Candidate), papers }))
      .sort((one, other) => worth(other) - worth(one))
      .filter((it, at, all) => !all.slice(0, at).some((better) => shareAWord(better.phrase, it.phrase)))
      .slice(0, most)
      .map((it) => `"${it.phrase}"`);
  });
}

/** A phrase is the better the more the paper is about it, and a little the better the rarer it is. */
function worth({ weight, papers }: { weight: number; papers: number }): number {
  return (weight / (weight + 2)) * Math.log((10 * mostPapers) / papers);
}

type Candidate = { phrase: string; weight: number; interest: Interest };

/** Phrases of a paper, those of the title and those that come again ahead. */
function candidatesIn({ title, abstract }: { title: string; abstract: string }): Candidate[] {
  const weights = new Map<string, number>();
  for (const phrase of phrasesOf(title)) weights.set(phrase, 4);
  for (const phrase of phrasesOf(abstract)) weights.set(phrase, (weights.get(phrase) ?? 0) + 1);
  return [...weights]
    .filter(([, weight]) => weight > 1)
    .sort(([, one], [, other]) => other - one)
    .flatMap(([phrase, weight]) => {
      try {
        return [{ phrase, weight, interest: parseInterest(`"${phrase}"`) }];
      } catch (error) {
        if (error instanceof InterestError) return [];
        throw error;
      }
    });
}

/** Words that no subject begins or ends with. */
const outside = new Set(
  `across achieve achieves against all along any based better beyond case comparative demonstrate different directly during each
  effective efficient either enables end even every existing experiments extensive first further given good high human-like improve
  improves improving into its itself less like many more most much multiple must new no novel only or other our over own paper per
  present propose proposed same show shows significantly similar single some strong such than these three through thus toward towards
  two under unified upon us use used uses using various very via we well whether while without your`
    .trim()
    .split(/\s+/),
);

/** Words that name a subject only together with another. */
const framing = new Set(
  `approach approaches analysis benchmark benchmarks data dataset datasets deep evaluation experiments foundation framework general language large learning
  method methods model models network networks neural performance problem problems quality report results scale state study system systems task tasks
  technical training understanding work`
    .trim()
    .split(/\s+/),
);

/** Words of these that wait for another behind them: "graph neural" is half a subject. */
const unfinished = new Set("deep foundation general large neural technical".split(" "));

/** Runs of two or three neighbouring words, in small letters, that could name a subject. */
function phrasesOf(text: string): string[] {
  return texToUnicode(text)
    .toLowerCase()
    .split(/[^\p{L}\p{N}\s'’-]+|\s-+\s|\n/u)
    .flatMap((part) => {
      const words = part.split(/\s+/).filter(Boolean);
      return words.flatMap((_, at) =>
        [2, 3].map((length) => words.slice(at, at + length)).filter((it, index) => it.length === index + 2),
      );
    })
    .filter(isSubject)
    .map((words) => words.join(" "));
}

function isSubject(words: string[]): boolean {
  return (
    words.every((word) => /^\p{L}[\p{L}\p{N}-]{2,}$/u.test(word) && !isLinking(word) && !/ly$/.test(word)) &&
    ![words[0], words.at(-1)].some((word) => outside.has(word as string)) &&
    !framing.has(words[0] as string) &&
    !unfinished.has(words.at(-1) as string) &&
    words.slice(-2).join(" ") !== "large language"
  );
}

/** Whether a word, or some, would tell anybody what a paper is about. */
export function namesSubject(text: string): boolean {
  const words = text.toLowerCase().split(/[\s-]+/);
  const ends = [words[0] as string, words.at(-1) as string];
  return (
    !ends.some((word) => outside.has(word) || isLinking(word) || /ly$/.test(word)) &&
    !framing.has(ends[0] as string) &&
    !words.some((word) => /^\d+$/.test(word))
  );
}

/** Without phrases that nearly always stand in a longer one, and with the commoner of one and many. */
function withoutParts(counted: [string, number][]): [string, number][] {
  const counts = new Map(counted);
  return counted.filter(([phrase, count]) => {
    const other = phrase.endsWith("s") ? phrase.slice(0, -1) : `${phrase}s`;
    const twin = counts.get(other) ?? 0;
    if (twin > count || (twin === count && phrase < other)) return false;
    return !counted.some(
      ([longer, times]) =>
        longer.length > phrase.length + 1 && ` ${longer} `.includes(` ${phrase} `) && times > 0.6 * count,
    );
  });
}

function shareAWord(one: string, other: string): boolean {
  const words = one.split(" ");
  return other.split(" ").filter((word) => words.includes(word)).length > 1;
}
