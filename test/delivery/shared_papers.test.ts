import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import type { Contents } from "../../src/digests/contents.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { deriveToken, type Purpose } from "../../src/token.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { prepareSending } from "../support/sending.ts";

const readers = 24;
const interests = ["speech", "boats", "speech boats", "harbours", "SPEECH"];

type Sent = { id: number; reader: number; email: string; contents: Contents };

test("of mails that share papers each has its reader's own links, interests, reasons and places", async () => {
  const { context, server, send } = await prepareSending(0);
  const { sql, config } = context;
  const about = (at: number) => interests[at % interests.length] as string;
  for (let at = 0; at < readers; at++)
    await addReader(context, {
      email: `reader${at}@example.org`,
      interests: `${about(at)}\n${about(2 * at + 1)}`,
      limit: String(1 + (at % 5)),
      trending: at % 2 ? "on" : "off",
    });
  await sql`delete from outbox`;
  const papers = Array.from({ length: 8 }, (_, at) =>
    paper({ title: `Speech on boats in harbours ${at}`, upvotes: 7 * at }),
  );
  const numbers = await addPapers(context, ...papers);
  await match(context);
  await plan(context);
  await sql`
    update digests set contents = jsonb_set(contents::jsonb, '{papers,0,taste}', to_jsonb('Higher because of ' || id || '.'))::text
    where id % 3 = 0`;
  await send();
  const digests = await sql<Sent[]>`
    select d.id, s.id as reader, s.email, d.contents::json from digests d join subscribers s on s.id = d.subscriber_id`;
  expect(server.mails).toHaveLength(readers);
  for (const { id, reader, email, contents } of digests) {
    const source = server.mails.find((it) => it.to === email)?.raw ?? "";
    const { html = "", text = "" } = await PostalMime.parse(source);
    const token = (purpose: Purpose, about: number) => deriveToken(config.secret, purpose, about);
    const own: Record<string, string> = {
      unsubscribe: token("unsubscribe", reader),
      preferences: token("preferences", reader),
      digests: token("digest", id),
      more: token("vote", id),
      less: token("vote", id),
    };
    const places = contents.papers.map((_, at) => String(1 + at));
    for (const part of [html, text]) {
      const links = [...part.matchAll(/\/(unsubscribe|preferences|digests|more|less)\/([\w-]+)(?:\/(\d+))?/g)];
      for (const [, to = "", held] of links) expect([to, held]).toEqual([to, own[to]]);
      expect(links.filter(([, to]) => to === "more").map(([, , , place]) => place)).toEqual(places);
      expect(new Set([...part.matchAll(/\/papers\/([\d.]+)/g)].map(([, slug]) => slug))).toEqual(
        new Set(contents.papers.map((it) => papers[numbers.indexOf(it.paper)]?.arxivId)),
      );
      expect([...part.matchAll(/Higher because of (\d+)\./g)].map(([, it]) => Number(it))).toEqual(id % 3 ? [] : [id]);
    }
    const told = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, it]) => it);
    expect(told(/^ {2}Matches: (.*)$/gm)).toEqual(
      contents.papers.flatMap((it) => contents.interests?.[it.interest ?? -1]?.typed ?? []),
    );
    expect(told(/(\d+) votes$/gm)).toEqual(contents.papers.flatMap((it) => (it.upvotes ? String(it.upvotes) : [])));
  }
});
