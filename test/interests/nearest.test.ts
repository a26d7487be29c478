import { expect, test } from "vitest";
import { toExpressions } from "../../src/interests/expression.ts";
import { findHits } from "../../src/interests/hits.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { findNearest, loosen } from "../../src/interests/nearest.ts";
import { compile, type Program, print } from "../../src/interests/program.ts";
import { readRarity } from "../../src/interests/rarity.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

const context = await createContext();
const { sql } = context;
const everywhere = { where: sql`true`, most: 10 };

async function tsquery(typed: string): Promise<string> {
  return (await toExpressions(sql, [parseInterest(typed)]))[0]?.tsquery as string;
}

const [three, two, one, excluded] = await addPapers(
  context,
  paper({ title: "Steering sail boats", abstract: "Boats that steer in a storm." }),
  paper({ title: "Steering boats", abstract: "No wind at all." }),
  paper({ title: "A storm" }),
  paper({ title: "Steering sail boats in simulation" }),
  ...Array.from({ length: 40 }, () => paper({ abstract: "We show a method." })),
);
await sql`analyze papers`;

test("what no paper has all of finds those that have most of it, best first, without what is left out", async () => {
  const typed = "how do sail boats steer through a storm at night -simulation";
  expect((await findHits(sql, await tsquery(typed), everywhere)).count).toBe(0);
  const nearest = await findNearest(sql, await tsquery(typed), everywhere);
  expect(nearest.map((it) => it.id)).toEqual([three, two, one]);
  expect(nearest.map((it) => it.id)).not.toContain(excluded);
});

test("what hits is ranked among the nearest as it is among the hits", async () => {
  const query = await tsquery("steering boats");
  const { papers } = await findHits(sql, query, everywhere);
  expect((await findNearest(sql, query, everywhere)).slice(0, papers.length)).toEqual(papers);
});

test("words that most papers have find nothing by themselves beside rarer ones", async () => {
  const rarity = { ...(await readRarity(sql)), papers: 100_000 };
  const loose = print(loosen(compile(await tsquery("show method storm boats")) as Program, rarity));
  expect(loose).toMatch(/storm.*boat|boat.*storm/);
  expect(loose).not.toMatch(/'show'|'method'/);
});

test("a beginning is as common as the words that begin so", async () => {
  const { frequency } = await readRarity(sql);
  expect(frequency("=meth", true)).toBeCloseTo(frequency("=method"), 5);
  expect(frequency("=meth", true)).toBeGreaterThan(frequency("=storm"));
  expect(frequency("=", true)).toBe(1);
});

test("a program is written as the tsquery that it was read from", async () => {
  for (const query of [
    "'a'",
    "'a' & 'b' | !'c'",
    "!( 'a' | 'b' ) & 'c'",
    "'a':*AD",
    "'a':* <-> 'b' <3> 'c':B",
    "( 'a' | 'b' ) & !( 'c' & 'd' )",
    "'it''s' & 'b\\\\c'",
  ]) {
    const program = compile(query) as Program;
    const [row] = await sql<{ same: boolean }[]>`
      select ${print(program)}::tsquery::text = ${query}::tsquery::text as same`;
    expect(row?.same, query).toBe(true);
    expect(compile(print(program)), query).toEqual(program);
  }
});
