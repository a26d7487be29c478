import { expect, test } from "vitest";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { exportSubscriber } from "../../src/subscribers/privacy.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

test("what is held about a reader is told with what their digests show, none of it as JSON in a string", async () => {
  const context = await createContext();
  const [speech] = await addPapers(context, paper({ title: "Speech recognition for small harbours" }));
  const reader = await addReader(context, { interests: "speech recognition" });
  await match(context);
  await plan(context);
  const held = await exportSubscriber(context.sql, reader);
  expect(held.digests).toMatchObject([
    { number: 1, contents: { papers: [{ paper: speech }], interests: [{ typed: "speech recognition" }] } },
  ]);
  expect(held.digest_papers).toMatchObject([{ title: "Speech recognition for small harbours" }]);
});
