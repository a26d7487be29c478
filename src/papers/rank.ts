import type { Fragment, Sql } from "../db.ts";

/** The weights of abstract, categories, authors and organisation, and title, in the order that `ts_rank_cd` wants them. */
const weights = "{0.2, 0.3, 0.6, 1.0}";

/** How well paper `p` answers a tsquery, above 0: the closer its words and the weightier their fields, the higher. */
export function rank(sql: Sql, expression: Fragment): Fragment {
  return sql`ts_rank_cd(${weights}, p.vector, ${expression}, 1)`;
}
