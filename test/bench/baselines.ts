import type { Sql } from "../../src/db.ts";
import type { Document } from "./collection.ts";

/** An answer to a question: all documents that hit, by place, and the best of them in order. */
export type Answer = { found: Set<number>; best: number[] };

const kept = 100;

/**
 * BM25 (k1 1.2, b 0.75, the logarithm with 1 added, as in Lucene) over title and abstract as one text. Words are runs of letters and
 * digits, in lower case, without accents, without PostgreSQL's English stop words and stemmed by its English stemmer. Any of the
 * words is enough to be ranked; to be found, for recall, a document must have all. Of equals the later document comes first.
 */
export class Bm25 {
  private readonly stems: Map<string, string | null>;
  private readonly lengths: number[] = [];
  private readonly postings = new Map<string, Map<number, number>>();
  private readonly meanLength: number;

  private constructor(texts: string[][], stems: Map<string, string | null>) {
    this.stems = stems;
    for (const [place, words] of texts.entries()) {
      const terms = this.termsOf(words);
      this.lengths.push(terms.length);
      for (const term of terms) {
        const posting = this.postings.getOrInsertComputed(term, () => new Map());
        posting.set(place, (posting.get(place) ?? 0) + 1);
      }
    }
    this.meanLength = this.lengths.reduce((sum, length) => sum + length, 0) / this.lengths.length;
  }

  static async index(sql: Sql, documents: Document[], questions: string[]): Promise<Bm25> {
    const texts = documents.map(({ title, abstract }) => wordsOf(`${title} ${abstract}`));
    const words = new Set([...texts, ...questions.map(wordsOf)].flat());
    const rows = await sql<{ word: string; stem: string | null }[]>`
      select word, (ts_lexize('english_stem', word))[1] as stem from unnest(${[...words]}::text[]) as word`;
    return new Bm25(texts, new Map(rows.map((row) => [row.word, row.stem])));
  }

  answer(question: string): Answer {
    const terms = [...new Set(this.termsOf(wordsOf(question)))];
    const scores = new Map<number, number>();
    const counts = new Map<number, number>();
    for (const term of terms) {
      const posting = this.postings.get(term) ?? new Map<number, number>();
      const rarity = Math.log(1 + (this.lengths.length - posting.size + 0.5) / (posting.size + 0.5));
      for (const [place, count] of posting) {
        const length = (this.lengths[place] as number) / this.meanLength;
        const score = (rarity * count * 2.2) / (count + 1.2 * (0.25 + 0.75 * length));
        scores.set(place, (scores.get(place) ?? 0) + score);
        counts.set(place, (counts.get(place) ?? 0) + 1);
      }
    }
    const order = [...scores].sort(([place, score], [other, otherScore]) => otherScore - score || other - place);
    return {
      found: new Set([...counts].filter(([, count]) => count === terms.length).map(([place]) => place)),
      best: order.slice(0, kept).map(([place]) => place),
    };
  }

  private termsOf(words: string[]): string[] {
    return words.map((word) => this.stems.get(word) ?? "").filter(Boolean);
  }
}

function wordsOf(text: string): string[] {
  const folded = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * What PostgreSQL does by itself: `websearch_to_tsquery('english')`, ranked by `ts_rank` with its own weights (title A, 1.0; abstract D,
 * 0.1), divided by 1 + the logarithm of the length, which does better than without. Of equals the later document comes first.
 */
export class PlainSearch {
  private readonly sql: Sql;
  private constructor(sql: Sql) {
    this.sql = sql;
  }

  static async index(sql: Sql, documents: Document[]): Promise<PlainSearch> {
    await sql`create table plain (place int, vector tsvector)`;
    for (let from = 0; from < documents.length; from += 2000) {
      const rows = documents
        .slice(from, from + 2000)
        .map(({ title, abstract }, at) => ({ place: from + at, title, abstract }));
      await sql`
        insert into plain
        select place, setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', abstract), 'D')
        from jsonb_to_recordset(${sql.json(rows)}) as r (place int, title text, abstract text)`;
    }
    await sql`create index on plain using gin (vector)`;
    await sql`analyze plain`;
    return new PlainSearch(sql);
  }

  async answer(question: string): Promise<Answer> {
    const rows = await this.sql<{ place: number }[]>`
      select place from plain, websearch_to_tsquery('english', ${question}) as query
      where vector @@ query order by ts_rank(vector, query, 1) desc, place desc`;
    const places = rows.map((row) => row.place);
    return { found: new Set(places), best: places.slice(0, kept) };
  }
}
