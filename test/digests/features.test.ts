import { expect, test } from "vitest";
import { noFeatures, readFeatures } from "../../src/digests/features.ts";
import { createContext } from "../support/context.ts";

test("what is known is kept while it is all that is wanted, and given up for what there is no room for", async () => {
  const { sql } = await createContext();
  const table = noFeatures();
  const papers = Array.from({ length: 11_000 }, (_, at) => at + 1);
  for (const id of papers) table.papers.set(id, { ids: new Uint32Array(), weights: new Float32Array() });
  await readFeatures(sql, table, papers);
  expect(table.papers.size).toBe(11_000);
  await readFeatures(
    sql,
    table,
    papers.map((id) => id + 11_000),
  );
  expect(table.papers.size).toBe(0);
});
