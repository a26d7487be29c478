import { print } from "../interests/canonical.ts";
import { leavesOf } from "../interests/expression.ts";
import { type Node, tryInterest } from "../interests/language.ts";
import { lettersShared } from "../papers/words.ts";
import type { News } from "./news.ts";
import type { Interest, Paper } from "./rank.ts";

const mostShown = 3;

/**
 * What a digest shows of papers that came near the interests of a reader which nothing hit, nearest first. What is in the digest,
 * or would be if there were room, is no near miss: `isTaken`.
 */
export function chooseNearMisses(
  news: News,
  interests: Interest[],
  isTaken: (paper: Paper) => boolean,
): { paper: Paper; interest: Interest; missing: string }[] {
  const nearest = new Map<Paper, { paper: Paper; interest: Interest; rank: number; missing: string }>();
  for (const interest of interests) {
    const hits = news.hits.get(interest.query);
    if (!hits || hits.near.length === 0 || hits.batches.some(({ batch }) => batch > interest.after)) continue;
    for (const { paper: id, batch, rank, missing } of hits.near) {
      const paper = news.papers.get(id);
      if (!paper || batch <= interest.after || rank <= (nearest.get(paper)?.rank ?? 0)) continue;
      if (!isTaken(paper)) nearest.set(paper, { paper, interest, rank, missing });
    }
  }
  return [...nearest.values()].sort((one, other) => other.rank - one.rank).slice(0, mostShown);
}

/** Why a paper is a near miss, in words. `canonical` is the form of the query, of which it lacks the part that `near` is a lexeme of. */
export function whyNear(typed: string, near: string, canonical: string | undefined): string {
  const tree = canonical === undefined ? undefined : tryInterest(canonical)?.tree;
  const missing = tree && findPart(tree, near.replace(/^[=@#]/, ""));
  return missing ? `All of “${typed}” but “${print(missing, "all")}”` : `Most of “${typed}”`;
}

/**
 * The part that a lexeme was made from: PostgreSQL alone knows, but the one that begins most like it is hardly another. Where two
 * begin so, none is named.
 */
function findPart(tree: Node, lexeme: string): Node | undefined {
  const wanted = tree.type === "all" ? tree.nodes.filter((node) => node.type !== "not") : [tree];
  const [best, second] = wanted
    .map((node) => ({ node, alike: Math.max(...leavesOf(node).map((leaf) => lettersShared(leaf.text, lexeme))) }))
    .sort((one, other) => other.alike - one.alike);
  if (!best || !second || best.alike === second.alike) return undefined;
  return best.alike >= Math.min(3, lexeme.length) ? best.node : undefined;
}
