import type { Sql } from "../db.ts";
import { findDefinitions } from "./definitions.ts";
import { readLexemes } from "./lexemes.ts";
import { readRarity } from "./rarity.ts";
import { isLinking } from "./tokens.ts";

/** Another name of what was asked for. */
export type Other = {
  /** Phrases of lexemes, any of which it is. */
  forms: string[][];
  /** As papers write it, and how sure that is, for the reader. */
  words: string;
  /** The lexemes of the name that was asked for, but for words such as "of", which loose words are without. */
  covers: string[];
};

export type Others = {
  /**
   * For a name in lexemes, with spaces between them: the long form of an acronym, or the acronym of a long form. An acronym has to be
   * `written` as it is, or with an s behind it: tagging is no TAG.
   */
  forName: (name: string, written: string) => Other[];
  /** For words in any order: acronyms of long forms that they hold. */
  forWords: (lexemes: string[]) => Other[];
};

/** An acronym counts when so many papers define it so. */
const fewestPapers = 3;
/** A short form that is defined in fewer of the papers that have it is another word (`map` is seldom mean average precision). */
const leastDefined = 0.02;
/** The reader is told how sure it is when fewer papers than this agree. */
const plainShare = 0.9;

type Acronym = {
  short: string;
  long: string;
  short_written: string;
  long_written: string;
  papers: number;
  all_papers: number;
};

/** The acronyms that may stand for names, or names for them. Each name is in lexemes. */
export async function findAcronyms(sql: Sql, names: string[][]): Promise<Others> {
  const lexemes = [...new Set(names.flat())];
  const rows = await sql<Acronym[]>`
    select short, long, short_written, long_written, papers, all_papers from acronyms
    where chosen and (short = any(${lexemes}::text[]) or split_part(long, ' ', 1) = any(${lexemes}::text[]))`;
  const byShort = new Map(rows.map((row) => [row.short, row]));
  const byLong = Map.groupBy(rows, (row) => row.long);
  const byFirst = Map.groupBy(rows, (row) => row.long.split(" ")[0] as string);
  return {
    forName: (name, written) => {
      const short = byShort.get(name);
      const isMeant = short !== undefined && (writingsOf(short)?.includes(written) ?? true);
      return [...(isMeant ? [toLong(short)] : []), ...(byLong.get(name) ?? []).map(toShort)];
    },
    forWords: (words) => {
      const held = new Set(words);
      return [...held]
        .flatMap((word) => byFirst.get(word) ?? [])
        .map(toShort)
        .filter((other) => other.covers.length > 1 && other.covers.every((lexeme) => held.has(lexeme)));
    },
  };
}

function toLong(acronym: Acronym): Other {
  return { forms: [acronym.long.split(" ")], words: acronym.long_written + doubt(acronym), covers: [acronym.short] };
}

function toShort(acronym: Acronym): Other {
  const covers = acronym.long.split(" ").filter((lexeme) => !isLinking(lexeme));
  const forms = writingsOf(acronym)?.map((word) => [`=${word}`]) ?? [[acronym.short]];
  return { forms, words: acronym.short_written + doubt(acronym), covers };
}

/** One acronym and several, as papers have them among their words; unknown where they may be parted, such as k-NN or SAM-2. */
function writingsOf({ short_written }: Acronym): string[] | undefined {
  const own = short_written.toLowerCase();
  return /^[a-z]+$/.test(own) ? [own, `${own}s`] : undefined;
}

function doubt({ short_written, papers, all_papers }: Acronym): string {
  return papers >= plainShare * all_papers
    ? ""
    : ` (so ${short_written} is meant in ${papers} of ${all_papers} papers)`;
}

/**
 * Reads the definitions in papers, counts each paper once for each, and chooses anew what the short forms in them stand for:
 * what most papers say. Answers the short and long forms whose choice changed, in lexemes.
 */
export async function learnAcronyms(sql: Sql, papers: number[]): Promise<string[][]> {
  const texts = await sql<{ title: string; abstract: string }[]>`
    select title, abstract from papers where id = any(${papers}::bigint[])`;
  const counted = new Map<string, { short: string; long: string; papers: number }>();
  for (const { title, abstract } of texts) {
    const definitions = [...findDefinitions(title), ...findDefinitions(abstract)];
    for (const [key, definition] of new Map(definitions.map((it) => [`${it.short}\n${it.long}`, it])))
      counted.set(key, { ...definition, papers: (counted.get(key)?.papers ?? 0) + 1 });
  }
  if (counted.size === 0) return [];
  const written = [...counted.values()];
  const lexemes = await readLexemes(
    sql,
    written.flatMap(({ short, long }) => [short, long]),
  );
  const name = (text: string) =>
    lexemes
      .words(text)
      .map((word) => lexemes.stem(word))
      .join(" ");
  const rows = written
    .map((it) => ({ ...it, shortName: lexemes.stem(lexemes.words(it.short).join("")), longName: name(it.long) }))
    .filter((it) => it.shortName && it.longName && it.shortName !== it.longName && !isLinking(it.short.toLowerCase()));
  await countDefinitions(sql, rows);
  return chooseAcronyms(sql, [...new Set(rows.map((row) => row.shortName))]);
}

type Counted = { short: string; long: string; shortName: string; longName: string; papers: number };

async function countDefinitions(sql: Sql, rows: Counted[]): Promise<void> {
  await sql`
    insert into acronyms (short, long, short_written, long_written, papers)
    select "shortName", "longName", (array_agg(short order by papers desc))[1], (array_agg(long order by papers desc))[1], sum(papers)
    from jsonb_to_recordset(${sql.json(rows)}) as r ("shortName" text, "longName" text, short text, long text, papers int)
    where length("shortName") <= 40 and length("longName") <= 200
    group by 1, 2 order by 1, 2
    on conflict (short, long) do update set papers = acronyms.papers + excluded.papers`;
}

async function chooseAcronyms(sql: Sql, shorts: string[]): Promise<string[][]> {
  const rarity = await readRarity(sql);
  const common = shorts.map((short) => rarity.frequency(short) * rarity.papers * leastDefined);
  const changed = await sql<{ short: string; long: string }[]>`
    with ranked as (
      select a.short, a.long, a.papers, sum(a.papers) over (partition by a.short) as all_papers,
        row_number() over (partition by a.short order by a.papers desc, a.long) as place, c.fewest
      from acronyms a join unnest(${shorts}::text[], ${common}::float8[]) as c (short, fewest) on c.short = a.short
    ),
    decided as (
      select short, long, all_papers,
        place = 1 and papers >= greatest(${fewestPapers}, fewest) and papers * 2 > all_papers as chosen
      from ranked
    ),
    counted as (
      update acronyms a set all_papers = d.all_papers, chosen = d.chosen from decided d
      where a.short = d.short and a.long = d.long and (a.chosen, a.all_papers) is distinct from (d.chosen, d.all_papers)
    )
    select d.short, d.long from decided d join acronyms a on a.short = d.short and a.long = d.long
    where a.chosen <> d.chosen`;
  return changed.flatMap(({ short, long }) => [[short], long.split(" ")]);
}
