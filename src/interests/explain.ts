import type { Sql } from "../db.ts";
import { explainTaste } from "../digests/learnt.ts";
import { UserError } from "../errors.ts";
import { parseArxivId } from "../papers/identity.ts";
import { dayInWords } from "../papers/words.ts";
import { daysKept } from "../retention.ts";
import { addressKey } from "../subscribers/address.ts";
import { findEditions, findSent, tellSent } from "./explain_editions.ts";
import { explainTrees } from "./explain_trees.ts";
import { parseInterest } from "./language.ts";
import { bestKept } from "./match.ts";
import { InterestError } from "./tokens.ts";

/** Why a paper was, or was not, in a reader's digest, in sentences: the decision first, then each interest with its reason. */
export type Explanation = {
  paper: string;
  decision: string;
  /** What the reader's votes make of it now, where that is anything to speak of. */
  taste: string | undefined;
  interests: { typed: string; hit: boolean; why: string }[];
};

/** Whom the sentences speak to: who runs it hears of a reader, and a reader of themselves. */
export const voices = {
  ofReader: { they: "the reader", their: "the reader’s", have: "has", get: "gets" },
  toReader: { they: "you", their: "your", have: "have", get: "get" },
};
export type Voice = (typeof voices)[keyof typeof voices];

const inactive: Record<string, (voice: Voice) => string> = {
  pending: ({ they, have }) => `${they} ${have} not confirmed yet`,
  paused: ({ they, have }) => `${they} ${have} paused`,
  unsubscribed: ({ they, have }) => `${they} ${have} unsubscribed`,
  suppressed: ({ their }) => `${their} address refused mail or complained of it`,
};

/** Explains for a reader by address and a paper by arXiv id, or by our number where it has none. Throws `UserError` when there is no such one. */
export async function explain(sql: Sql, email: string, slug: string): Promise<Explanation> {
  const [reader] = await sql<{ id: number }[]>`select id from subscribers where email_key = ${addressKey(email)}`;
  if (!reader) throw new UserError("not_found", `Nobody reads at ${email}.`);
  return explainFor(sql, reader, slug, voices.ofReader);
}

/** The same for a reader by our number, and a paper by any address of it, too. */
export async function explainFor(sql: Sql, { id }: { id: number }, slug: string, voice: Voice): Promise<Explanation> {
  const paper = await findPaper(sql, slug);
  if (!paper)
    throw new UserError("not_found", `There is no paper ${slug} here. It may not have been read from its source.`);
  const interests = await readInterests(sql, id, paper.id);
  const whys = await explainInterests(sql, interests, paper.id);
  return {
    paper: paper.title,
    decision: await decide(sql, id, paper, interests, voice),
    taste: interests.some((it) => it.hit) ? await explainTaste(sql, id, paper.id, voice.their) : undefined,
    interests: interests.map(({ typed, hit }, at) => ({ typed, hit, why: whys[at] as string })),
  };
}

type Paper = {
  id: number;
  title: string;
  batchId: number | null;
  batchIsOpen: boolean;
  /** It was matched so long ago that what came of it is not kept. */
  isForgotten: boolean;
  wasRevised: boolean;
};

async function findPaper(sql: Sql, slug: string): Promise<Paper | undefined> {
  const own = slug.trim().replace(/^https?:\/\/[^/]+\/papers\//, "");
  const [paper] = await sql<Paper[]>`
    select p.id, p.title, p.batch_id as "batchId", b.id is not null and b.completed_at is null as "batchIsOpen",
      coalesce(b.matched_at < (select max(matched_at) from batches) - ${daysKept.matches} * interval '1 day', false) as "isForgotten",
      p.revision > 1 as "wasRevised"
    from papers p left join batches b on b.id = p.batch_id
    where slug = ${parseArxivId(own)?.id ?? own}`;
  return paper;
}

type HeldInterest = {
  id: number;
  typed: string;
  hit: boolean;
  /** The batch in which it matched the paper; null when no such match is kept. */
  matchedIn: number | null;
  /** How many papers it hit in the batch that would have kept it, where that is known. */
  hitsInBatch: number | null;
  /** The batch since which the query takes part as it is now; null: none yet. */
  queryBatchId: number | null;
  /** The next edition takes the match up. */
  waits: boolean;
  isNewerThanEdition: boolean;
  isNewerThanPaper: boolean;
  /** It never looked at the batch that the paper was matched in. */
  looksLater: boolean;
};

async function readInterests(sql: Sql, readerId: number, paperId: number): Promise<HeldInterest[]> {
  return sql<HeldInterest[]>`
    select i.id, i.typed, p.vector @@ q.expression::tsquery as hit, m.batch_id as "matchedIn", q.batch_id as "queryBatchId",
      (select max(h.hits) from query_hits h where h.query_id = q.id and h.batch_id in (p.batch_id, q.batch_id)) as "hitsInBatch",
      q.created_at > p.first_seen_at as "isNewerThanPaper", coalesce(i.since_batch_id >= p.batch_id, false) as "looksLater",
      s.planned_at is null or i.created_at > s.planned_at as "isNewerThanEdition",
      coalesce(m.batch_id > case when s.planned_at is null or i.created_at > s.planned_at then i.since_batch_id
        else s.planned_batch_id end, false) as waits
    from interests i join subscribers s on s.id = i.subscriber_id join queries q on q.id = i.query_id
    join papers p on p.id = ${paperId}
    left join matches m on m.query_id = i.query_id and m.paper_id = p.id
    where i.subscriber_id = ${readerId} order by i.position`;
}

/** A line that an earlier version of the language took, and this one does not, is told as such. */
async function explainInterests(sql: Sql, interests: HeldInterest[], paperId: number): Promise<string[]> {
  const read = interests.map(({ typed }) => {
    try {
      return { typed, tree: parseInterest(typed).tree };
    } catch (error) {
      if (error instanceof InterestError) return error;
      throw error;
    }
  });
  const readable = read.flatMap((it) => (it instanceof InterestError ? [] : it));
  const sentences = await explainTrees(sql, readable, paperId);
  return read.map((it) =>
    it instanceof InterestError ? `This line can’t be read any more: ${it.message}` : (sentences.shift() as string),
  );
}

async function decide(
  sql: Sql,
  readerId: number,
  paper: Paper,
  interests: HeldInterest[],
  voice: Voice,
): Promise<string> {
  const { they, their, get } = voice;
  const sent = await findSent(sql, readerId, paper.id);
  if (sent) return tellSent(sent);
  const reader = await readReader(sql, readerId);
  if (reader.status !== "active") return `No digest is made: ${inactive[reader.status]?.(voice) ?? reader.status}.`;
  if (interests.length === 0) return `Without interests ${they} ${get} what trends; this paper was not among it.`;
  const matched = interests.filter((it) => it.matchedIn !== null);
  if (matched.length > 0) return decideMatched(sql, reader, paper, matched, voice);
  const hits = interests.filter((it) => it.hit);
  if (hits.length === 0) return `None of ${their} interests hits it.`;
  if (paper.batchId === null) return "It was read but not matched yet; the match stage takes it up.";
  if (paper.batchIsOpen) return "It is being matched now.";
  if (paper.isForgotten && hits.every((it) => it.looksLater)) return cameTooEarly(voice);
  if (paper.isForgotten)
    return `It was matched more than ${daysKept.matches} days ago, and what came of that is not kept so long.`;
  if (hits.some((it) => it.queryBatchId === null))
    return "The interest that hits it is new and not matched yet; the match stage takes it up.";
  if (hits.some((it) => (it.hitsInBatch ?? 0) > bestKept))
    return `It matched, but so many papers of the same batch matched better that it was not kept (the best ${bestKept} for each interest are).`;
  if (hits.every((it) => it.isNewerThanPaper)) return cameTooEarly(voice);
  if (paper.wasRevised) return "Its text was another when it arrived and was matched, and no interest hit that.";
  return "It arrived before the interest looked for all that it does now, such as another name that papers have defined since. Papers that came before are not matched again.";
}

/** It matched and was not sent: an edition passed it by, or it waits for one, or none looked so far back. */
async function decideMatched(
  sql: Sql,
  reader: Reader,
  paper: Paper,
  matched: HeldInterest[],
  voice: Voice,
): Promise<string> {
  const { their } = voice;
  const editions = await findEditions(
    sql,
    reader.id,
    paper.id,
    matched.map((it) => it.id),
  );
  const passed = editions.find((it) => it.mail !== "failed");
  if (passed)
    return `It matched, but below ${their} limit: No. ${passed.number} of ${dayInWords(passed.date)} had room for ${passed.room}, and ${passed.matched} matched. Those that did not fit are listed on that edition’s page.`;
  const waiting = matched.filter((it) => it.waits);
  if (waiting.length === 0) return cameTooEarly(voice);
  const due = `due ${reader.nextDueAt?.toString({ smallestUnit: "minute" }) ?? "at a time not set yet"}`;
  const failed = editions.at(-1);
  if (failed)
    return `It matched for No. ${failed.number} of ${dayInWords(failed.date)}, whose mail failed (${failed.result}). It waits for the next, ${due}.`;
  if (!reader.hasEdition) return `It waits for ${their} first edition, ${due}.`;
  return waiting.every((it) => it.isNewerThanEdition)
    ? `The interest that hits it is newer than the last edition. It waits for the next, ${due}.`
    : `It arrived after the last edition was made and waits for the next, ${due}.`;
}

function cameTooEarly({ they }: Voice): string {
  return `It arrived more than a week before ${they} had an interest that hits it: a new interest looks back a week.`;
}

type Reader = { id: number; status: string; nextDueAt: Temporal.Instant | null; hasEdition: boolean };

async function readReader(sql: Sql, id: number): Promise<Reader> {
  const [reader] = await sql<Reader[]>`
    select id, status, next_due_at as "nextDueAt", planned_at is not null as "hasEdition" from subscribers where id = ${id}`;
  return reader as Reader;
}
