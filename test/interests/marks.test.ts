import fc from "fast-check";
import { expect, test } from "vitest";
import { toExpressions } from "../../src/interests/expression.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { markHits, type Piece, type Shown } from "../../src/interests/marks.ts";
import { compile } from "../../src/interests/program.ts";
import { createDatabase } from "../support/database.ts";

const { sql } = await createDatabase();

async function mark(interest: string, text: string, field: Shown["field"] = "abstract"): Promise<Piece[]> {
  const [expression] = await toExpressions(sql, [parseInterest(interest)]);
  const program = compile(
    (await sql<{ text: string }[]>`select ${expression?.tsquery ?? ""}::tsquery::text as text`)[0]?.text ?? "",
  );
  return (await markHits(sql, [{ text, field, program }]))[0] as Piece[];
}

test.each([
  ["GPT-4", "What GPT-4 knows of GPT.", "What [GPT]-[4] knows of GPT."],
  ["finetuning", "We use fine-tuning.", "We use [fine]-[tuning]."],
  ["fine-tuning", "Finetuning, then.", "[Finetuning], then."],
  ["schrodinger", "A Schrödinger’s bridge", "A [Schrödinger’s] bridge"],
  ['"chain of thought"', "A chain of thought, a chain.", "A [chain] [of] [thought], a chain."],
  ["quantiz*", "Quantizers quantize quants", "[Quantizers] [quantize] quants"],
  ['"novel inplace edits"', "A novel in-place edit, in place", "A [novel] [in]-[place] [edit], in place"],
  ['"fine tuning of boats"', "Finetuning boats, finetuning of boats", "Finetuning boats, [finetuning] [of] [boats]"],
  ["qwen 2.5", "Qwen2.5-VL and Qwen 2.5", "[Qwen2].[5]-VL and [Qwen] [2].[5]"],
  ["=finetuning", "Fine-tuning or fine tuning", "[Fine]-[tuning] or fine tuning"],
  ["robots -boats", "Robots on boats", "[Robots] on boats"],
  ["title:robots", "Robots", "Robots"],
  ["=robot", "A robot among robots", "A [robot] among robots"],
])("%s in %j is marked as %j", async (interest, text, expected) => {
  const pieces = await mark(interest, text);
  expect(pieces.map((piece) => (piece.hit ? `[${piece.text}]` : piece.text)).join("")).toBe(expected);
});

test("what is looked for in titles is marked in a title", async () => {
  expect((await mark("title:robots", "Robots", "title")).map((piece) => piece.hit)).toEqual([true]);
});

test("the pieces of any text are the text", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("fine", "-", "tuning", " ", "’s", "語", "🙂", "C++", "\n", "<b>")),
      async (parts) => {
        const text = parts.join("");
        expect((await mark("fine-tuning OR C++ OR 語", text)).map((piece) => piece.text).join("")).toBe(text);
      },
    ),
    { numRuns: 50 },
  );
});
