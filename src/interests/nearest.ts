import type { Fragment, Sql } from "../db.ts";
import { type RankedPaper, rankHits } from "./hits.ts";
import { compile, type Program, print } from "./program.ts";
import { type Rarity, readRarity } from "./rarity.ts";

/** Papers that are ranked to find the nearest: so many are read in a fraction of a second. */
const mostRanked = 2000;

/**
 * The papers `p` that come nearest to a query, best first, whether it hits them or not: for a search whose words no paper has all.
 * What the query leaves out stays out. Matching knows nothing of this: an interest hits what it says.
 */
export async function findNearest(
  sql: Sql,
  tsquery: string,
  { where, most }: { where: Fragment; most: number },
): Promise<RankedPaper[]> {
  const program = compile(tsquery);
  if (!program) return [];
  const loose = print(loosen(program, await readRarity(sql)));
  const { papers } = await rankHits(sql, program, loose, { where, most, among: mostRanked });
  return papers;
}

/**
 * What any part of `all` hits. With a rarity, only its rarest parts count, few enough that not too many papers have one of them:
 * what has none of these has nothing that tells it from most papers.
 */
export function loosen(program: Program, rarity?: Rarity): Program {
  if (program.type === "or") return { type: "or", nodes: program.nodes.map((node) => loosen(node, rarity)) };
  if (program.type !== "and") return program;
  const wanted = program.nodes.filter((node) => node.type !== "not").map((node) => loosen(node, rarity));
  const excluded = program.nodes.filter((node) => node.type === "not");
  const any = either(rarity ? rarest(wanted, rarity) : wanted);
  return excluded.length > 0 ? { type: "and", nodes: [any, ...excluded] } : any;
}

function rarest(parts: Program[], rarity: Rarity): Program[] {
  const byRarity = parts
    .map((part) => ({ part, share: shareOf(part, rarity) }))
    .sort((one, other) => one.share - other.share);
  let papers = 0;
  return byRarity
    .filter(({ share }, at) => {
      papers += share * rarity.papers;
      return at === 0 || papers <= mostRanked;
    })
    .map(({ part }) => part);
}

/** At most so large a share of papers is hit. */
function shareOf(program: Program, rarity: Rarity): number {
  if (program.type === "term") return rarity.frequency(program.lexeme, program.prefix);
  if (program.type === "phrase") return Math.min(...program.terms.map((term) => shareOf(term, rarity)));
  if (program.type === "not") return 1;
  const shares = program.nodes.map((node) => shareOf(node, rarity));
  return program.type === "and" ? Math.min(...shares) : shares.reduce((sum, share) => sum + share, 0);
}

function either(nodes: Program[]): Program {
  return nodes.length === 1 ? (nodes[0] as Program) : { type: "or", nodes };
}
