import type { Sql } from "../db.ts";
import { UserError } from "../errors.ts";
import { dayInWords } from "../papers/words.ts";
import { addressKey } from "../subscribers/address.ts";
import { print } from "./canonical.ts";
import { toExpressions } from "./expression.ts";
import { type Node, parseInterest } from "./language.ts";

/** Why a paper was, or was not, in a reader's digest, in sentences: the decision first, then each interest with its reason. */
export type Explanation = {
  paper: string;
  decision: string;
  interests: { typed: string; hit: boolean; why: string }[];
};

type Reader = {
  id: number;
  status: string;
  trending: boolean;
  nextDueAt: Temporal.Instant | null;
  plannedBatchId: number;
};
type Paper = { id: number; title: string; batchId: number | null; firstSeenAt: Temporal.Instant };

/** Explains for a reader by address and a paper by arXiv id or our number. Throws `UserError` when there is no such one. */
export async function explain(sql: Sql, email: string, slug: string): Promise<Explanation> {
  const [reader] = await sql<Reader[]>`
    select id, status, trending, next_due_at as "nextDueAt", planned_batch_id as "plannedBatchId" from subscribers
    where email_key = ${addressKey(email)}`;
  if (!reader) throw new UserError("not_found", `Nobody reads at ${email}.`);
  return explainFor(sql, reader, slug);
}

/** The same for a reader who is known, as on their own page. */
export async function explainFor(sql: Sql, reader: Reader, slug: string): Promise<Explanation> {
  const [paper] = await sql<Paper[]>`
    select id, title, batch_id as "batchId", first_seen_at as "firstSeenAt" from papers
    where slug = ${slug.replace(/^arxiv:/i, "").replace(/v\d+$/, "")}`;
  if (!paper)
    throw new UserError("not_found", `There is no paper ${slug} here. It may not have been read from its source.`);
  const interests = await explainInterests(sql, reader.id, paper);
  return { paper: paper.title, decision: await decide(sql, reader, paper, interests), interests };
}

type ExplainedInterest = Explanation["interests"][number] & {
  queryId: number;
  sinceBatchId: number;
  rank: number | null;
  matchedIn: number | null;
};

async function explainInterests(sql: Sql, readerId: number, paper: Paper): Promise<ExplainedInterest[]> {
  const rows = await sql<
    {
      typed: string;
      queryId: number;
      sinceBatchId: number;
      rank: number | null;
      matchedIn: number | null;
      hit: boolean;
    }[]
  >`
    select i.typed, i.query_id as "queryId", i.since_batch_id as "sinceBatchId", m.rank, m.batch_id as "matchedIn",
      p.vector @@ q.expression as hit
    from interests i join queries q on q.id = i.query_id join papers p on p.id = ${paper.id}
    left join matches m on m.query_id = i.query_id and m.paper_id = p.id
    where i.subscriber_id = ${readerId} order by i.position`;
  const explained: ExplainedInterest[] = [];
  for (const row of rows) {
    const why = await explainTree(sql, parseInterest(row.typed).tree, paper.id);
    explained.push({ ...row, why });
  }
  return explained;
}

async function decide(sql: Sql, reader: Reader, paper: Paper, interests: ExplainedInterest[]): Promise<string> {
  const sent = await findSent(sql, reader.id, paper.id);
  if (sent) {
    const reason = sent.interest ? `for ${sent.interest}` : "because it trends";
    return `It was in No. ${sent.number} of ${dayInWords(sent.date)}, ${reason}, in place ${sent.position}. That mail is ${mailState(sent)}. No paper is sent twice.`;
  }
  if (reader.status !== "active") return `No digest is made for this reader, who is ${reader.status}.`;
  const hits = interests.filter((it) => it.hit);
  if (interests.length === 0) return "The reader has no interests and gets what trends; this paper was not among it.";
  if (hits.length === 0) return "None of the reader’s interests hits it.";
  if (paper.batchId === null) return "It was read but not matched yet; the match stage takes it up.";
  const matched = hits.filter((it) => it.matchedIn !== null);
  if (matched.length === 0) {
    const late = hits.every((it) => it.sinceBatchId >= (paper.batchId ?? 0));
    return late
      ? "It arrived before the reader had an interest that hits it, and more than a week before: a new interest looks back a week."
      : "It matched, but so many papers of the same batch matched better that it was not kept (the best 50 for each interest are).";
  }
  const batch = Math.min(...matched.map((it) => it.matchedIn as number));
  const passed = await findDigestThrough(sql, reader.id, batch);
  if (passed)
    return `It matched, but below the reader’s limit: No. ${passed.number} of ${dayInWords(passed.date)} had room for ${passed.room}, and ${passed.matched} matched. Those that did not fit are listed on that edition’s page.`;
  if (batch > reader.plannedBatchId)
    return `It arrived after the last edition was made and waits for the next, due ${reader.nextDueAt?.toString({ smallestUnit: "minute" }) ?? "when the reader confirms"}.`;
  return "It arrived before the reader’s first edition looked back (one week).";
}

type Sent = {
  number: number;
  date: Temporal.PlainDate;
  interest: string | null;
  position: number;
  state: string;
  settledAt: Temporal.Instant | null;
  result: string | null;
};

async function findSent(sql: Sql, readerId: number, paperId: number): Promise<Sent | undefined> {
  const [row] = await sql<Sent[]>`
    select d.number, d.local_date as date, e.interest, e.place as position, o.state, o.settled_at as "settledAt", o.result
    from digest_papers dp join digests d on d.id = dp.digest_id
    join digest_entries e on e.digest_id = d.id and e.paper_id = dp.paper_id
    join outbox o on o.kind = 'digest' and o.subject_id = d.id
    where dp.subscriber_id = ${readerId} and dp.paper_id = ${paperId}`;
  return row;
}

function mailState({ state, settledAt, result }: Sent): string {
  if (state === "sent") return `sent (${settledAt?.toString({ smallestUnit: "minute" })})`;
  return result ? `${state}: ${result}` : state;
}

async function findDigestThrough(sql: Sql, readerId: number, batch: number) {
  const [row] = await sql<{ number: number; date: Temporal.PlainDate; matched: number; room: number }[]>`
    select d.number, d.local_date as date, d.matched,
      (select count(*)::int from digest_entries e where e.digest_id = d.id and e.query_id is not null) as room
    from digests d where d.subscriber_id = ${readerId} and d.after_batch_id < ${batch} and d.batch_id >= ${batch}
    order by d.id limit 1`;
  return row;
}

const fieldNames = { A: "the title", B: "the authors", C: "the categories or the organisation", D: "the abstract" };

/** What decided about a tree and a paper: the parts that are there and where, or those that are missing or left out. */
export async function explainTree(sql: Sql, tree: Node, paperId: number): Promise<string> {
  const nodes = partsOf(tree);
  const expressions = await toExpressions(
    sql,
    nodes.map((node) => ({ tree: node })),
  );
  const rows = await sql<{ ordinal: number; hit: boolean; fields: (keyof typeof fieldNames)[] }[]>`
    select q.ordinal, p.vector @@ q.tsquery::tsquery as hit,
      array(select label from unnest('{A,B,C,D}'::"char"[]) as label
        where ts_filter(p.vector, array[lower(label::text)::"char"]) @@ q.tsquery::tsquery)::text[] as fields
    from unnest(${expressions.map((it) => it.tsquery)}::text[]) with ordinality as q (tsquery, ordinal)
    join papers p on p.id = ${paperId}`;
  const found = new Map(rows.map((row) => [nodes[row.ordinal - 1] as Node, row]));
  const hits = (node: Node): boolean => found.get(node)?.hit ?? false;
  const place = (node: Node) => {
    const fields = (found.get(node)?.fields ?? []).map((label) => fieldNames[label]);
    return `“${nameOf(node)}” is in ${fields.join(" and ") || "the paper, in several fields"}`;
  };
  const tell = (node: Node): string => {
    if (node.type === "either" || node.type === "words")
      return hits(node) ? place(node.type === "either" ? (node.nodes.find(hits) as Node) : node) : missing(node);
    if (node.type === "not") return hits(node.node) ? `${place(node.node)}, which the interest leaves out` : "";
    if (hits(node)) {
      const there = node.nodes.filter((child) => child.type !== "not" && hits(child));
      return (there.length > 0 ? there.map(tell) : [place(node)]).join("; ");
    }
    const failing = node.nodes.filter((child) => (child.type === "not" ? hits(child.node) : !hits(child)));
    return failing.map(tell).join("; ");
  };
  return `${tell(tree)}.`;
}

function missing(node: Node): string {
  if (node.type === "words" && node.text.includes(" ")) return `the words “${node.text}” do not stand together in it`;
  return `“${nameOf(node)}” is not in it`;
}

/** A part as it stands in quotation marks. */
function nameOf(node: Node): string {
  return print(node, "either").replace(/^"([^"]*)"$/, "$1");
}

/** A tree and everything below it, but for what is only there to be negated. */
function partsOf(node: Node): Node[] {
  if (node.type === "words") return [node];
  if (node.type === "not") return partsOf(node.node);
  return [node, ...node.nodes.flatMap(partsOf)];
}
