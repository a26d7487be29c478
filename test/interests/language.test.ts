import { expect, test } from "vitest";
import { limits, type Node, parseInterest, parseInterests } from "../../src/interests/language.ts";
import { InterestError } from "../../src/interests/tokens.ts";

const canonical = (text: string) => parseInterest(text).canonical;

function errorOf(text: string): InterestError {
  try {
    parseInterest(text);
  } catch (error) {
    if (error instanceof InterestError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was read`);
}

/** A tree in brackets, so that what binds what can be seen. */
function shape(node: Node): string {
  if (node.type === "not") return `not(${shape(node.node)})`;
  if (node.type !== "words") return `${node.type}(${node.nodes.map(shape).join(", ")})`;
  const { text, prefix, exact, field } = node;
  return `${field ? `${field}:` : ""}${exact ? "=" : ""}${text}${prefix ? "…" : ""}`;
}

test.each([
  ["diffusion models", "all(diffusion, models)"],
  ["diffusion AND models & boats + robots", "all(boats, diffusion, models, robots)"],
  ['"chain of thought"', "chain of thought"],
  ["rlhf OR dpo robots", "either(all(dpo, robots), rlhf)"],
  ["rlhf | dpo", "either(dpo, rlhf)"],
  ["(rlhf OR dpo) robots", "all(either(dpo, rlhf), robots)"],
  ["rlhf or dpo", "all(dpo, rlhf)"],
  ['unlearning -survey -"position paper"', "all(not(position paper), not(survey), unlearning)"],
  ["robots -(boats OR ships)", "all(not(either(boats, ships)), robots)"],
  ["robots -(boats -(sails -wind))", "all(not(all(not(all(not(wind), sails)), boats)), robots)"],
  ["title:agents", "title:agents"],
  ['author:"Yann LeCun"', "author:yann lecun"],
  ["Title: agents", "title:agents"],
  ["Agents: a survey", "all(agents, survey)"],
  ["subtitle: boats", "all(boats, subtitle)"],
  ["cat:cs.CL", "cat:cs.cl"],
  ["cat:cs.*", "cat:cs.*"],
  ["cat:cs.C*", "cat:cs.c…"],
  ["cat:q*", "cat:q…"],
  ['cat:"q*"', "cat:q*"],
  ["ORG:Apple", "org:apple"],
  ["title:(agents OR robots -boats)", "either(all(not(title:boats), title:robots), title:agents)"],
  ["title:(author:okafor agents)", "all(author:okafor, title:agents)"],
  ["-title:survey robots", "all(not(title:survey), robots)"],
  ["quantiz*", "quantiz…"],
  ["quantiz**, robots", "all(quantiz…, robots)"],
  ["author:lecu*", "author:lecu…"],
  ["A*", "a*"],
  ["title:A* robots", "all(robots, title:a*)"],
  ['"quantiz*"', "quantiz*"],
  ["=robots", "=robots"],
  ['="small Boats"', "=small boats"],
  ["title:=robots", "title:=robots"],
  ["-=robots boats", "all(not(=robots), boats)"],
  ["=quantiz*", "quantiz…"],
  ["a-b", "a-b"],
  ["x=y", "x y"],
  ["robots NOT boats", "all(not(boats), robots)"],
  ["robots AND NOT (boats OR ships)", "all(not(either(boats, ships)), robots)"],
  ["rlhf || dpo && robots", "either(all(dpo, robots), rlhf)"],
  ["robots –boats —ships −sails", "all(not(boats), not(sails), not(ships), robots)"],
  ["robots–boats", "robots-boats"],
  [
    "ｔｉｔｌｅ：（agents　OR　ｂｏａｔｓ）　－“ｓｈｉｐｓ　ｓａｉｌ”",
    "all(either(title:agents, title:boats), not(ships sail))",
  ],
  ["「語言 模型」", "語言 模型"],
  ['author:"LeCun, Yann"', "author:yann lecun"],
  ["author:N,obody*", "author:n obody…"],
  ['title:"LeCun, Yann"', "title:lecun yann"],
  ["'robots' +boats, #ships .net sails.", "all(boats, net, robots, sails, ships)"],
  ["diffu\u00adsion ro\u200bbots ❤\ufe0f\u200dboats", "all(boats, diffusion, robots)"],
  ["b cat:cs.CL,cs.LG c", "all(either(cat:cs.cl, cat:cs.lg), b, c)"],
  ["cat:cs.CL, stat.ML, robots", "all(either(cat:cs.cl, cat:stat.ml), robots)"],
  ["cat:(math,cs.L* robots)", "all(either(cat:cs.l…, cat:math), cat:robots)"],
  ['b -cat:"cs.CL; ,-math+"', "all(not(either(cat:cs.cl, cat:math+)), b)"],
  ["b cat:=cs&math*", "all(either(cat:=cs, cat:math…), b)"],
  ["cat:cs.CL,", "cat:cs.cl"],
  ["k-NN GPT-4 LLaMA-2 C++ C# 3D S^2FT", "all(3d, c#, c++, gpt-4, k-nn, llama-2, s^2ft)"],
])("%s is read as %s", (typed, expected) => {
  expect(shape(parseInterest(typed).tree)).toBe(expected);
});

test.each([
  ["the robots of the sea", "all(robots, sea)"],
  ["models for the robots AND the boats", "all(boats, models, robots)"],
  ['"the robots of the sea"', "the robots of the sea"],
  ["=the robots", "all(=the, robots)"],
  ["title:the robots", "all(robots, title:the)"],
  ["title:(the robots)", "title:robots"],
  ["author:(Will An)", "all(author:an, author:will)"],
  ["Agents: what, why and how?", "agents"],
  ["robots -the", "all(not(the), robots)"],
  ["the*", "the…"],
])("words that join sentences are passed over, but where they are asked for: %s is %s", (typed, expected) => {
  expect(shape(parseInterest(typed).tree)).toBe(expected);
});

test.each([
  ["the", 0, 3],
  ["robots OR what is it", 10, 10],
  ["robots -(of the)", 9, 6],
])("%s: words that are in every paper are not enough by themselves", (typed, position, length) => {
  expect(errorOf(typed)).toMatchObject({
    message: "These words are in every paper. Add a rarer one.",
    ...{ position, length, mend: undefined },
  });
});

test.each([
  ['a1 "b c', "This quotation mark is not closed.", '"b c', 'a1 "b c"'],
  ["b (c OR d", "This bracket is not closed.", "(", "b (c OR d)"],
  ["b) c", "This bracket closes nothing.", ")", "b c"],
  ["b OR", "OR needs something on both sides.", "OR", "b"],
  ["OR b", "OR needs something on both sides.", "OR", "b"],
  ["b OR | c", "OR needs something on both sides.", "OR", "b | c"],
  ["(b OR) c", "OR needs something on both sides.", "OR", "(b ) c"],
  ["b --c", "A minus needs a word, a phrase or a bracket behind it.", "-", "b -c"],
  ["b (c -)", "A minus needs a word, a phrase or a bracket behind it.", "-", "b (c )"],
  ["-survey -boats", "This only says what to leave out. Say what to look for, too.", "-survey -boats", undefined],
  ["b OR -survey", "This only says what to leave out. Say what to look for, too.", "-survey", undefined],
  ["b ... c", "There is no word here to look for.", "...", "b c"],
  ["b - c", "There is no word here to look for.", "-", "b c"],
  ['b "?!"', "There is no word here to look for.", '"?!"', "b"],
  ["b ----c", "A minus needs a word, a phrase or a bracket behind it.", "-", "b -c"],
  ["b ----", "A minus needs a word, a phrase or a bracket behind it.", "-", "b"],
  ["b NOT", "NOT needs a word, a phrase or a bracket behind it.", "NOT", "b"],
  ["((b", "This bracket is not closed.", "(", "((b))"],
  ['b ("', "This quotation mark is not closed.", '"', "b"],
  ["b (", "This bracket is not closed.", "(", "b"],
  ["b OR (", "This bracket is not closed.", "(", "b"],
  ["b -(", "This bracket is not closed.", "(", "b"],
  ["(", "This bracket is not closed.", "(", undefined],
  ["(-survey) b", "This only says what to leave out. Say what to look for, too.", "-survey", undefined],
  ["b (-survey OR c) d", "This only says what to leave out. Say what to look for, too.", "-survey", undefined],
  ["b OR OR OR c", "OR needs something on both sides.", "OR", "b OR c"],
  ["()", "There is nothing to look for here.", ")", undefined],
  ["", "There is nothing to look for here.", "", undefined],
  ["   ", "There is nothing to look for here.", "   ", undefined],
  ["b =(c d)", "= needs a word or a phrase behind it.", "=", undefined],
  ["b title:", "title: needs a word or a phrase behind it.", "title:", undefined],
  ["b title:-c", "title: needs a word or a phrase behind it.", "title:", undefined],
  ["title:OR b", "title: needs a word or a phrase behind it.", "title:", undefined],
])("%j: %s", (typed, message, place, mend) => {
  const error = errorOf(typed);
  expect(error.message).toContain(message);
  expect(typed.slice(error.position, error.position + error.length)).toBe(place);
  expect(error.mend).toBe(mend);
  if (mend) expect(() => parseInterest(mend)).not.toThrow();
});

test.each([
  ["b titel:agents", 2, 6, "b titel agents"],
  ["constructor:b", 0, 12, "constructor b"],
  ["b authors:okafor", 2, 8, "b author:okafor"],
  ["category:cs.CL", 0, 9, "cat:cs.CL"],
  ['"titel:b" titel:c', 10, 6, '"titel:b" titel c'],
])("%s: a field that there is not is told, with those there are", (typed, position, length, mend) => {
  const error = errorOf(typed);
  expect(error).toMatchObject({ position, length, mend });
  expect(error.message).toContain("The fields are title:, author:, org:, cat:.");
  expect(() => parseInterest(mend)).not.toThrow();
});

test("a line may have so many characters, and what is behind them is pointed at", () => {
  expect(canonical("b".repeat(limits.characters))).toHaveLength(limits.characters);
  expect(errorOf("b".repeat(limits.characters + 7))).toMatchObject({
    message: "An interest may have 1000 characters; this has 1007.",
    ...{ position: 1000, length: 7 },
  });
});

test("what grows too long when it is written out is refused as a whole, because the canonical form is read again", () => {
  const words = Array.from({ length: 30 }, (_, index) => `somethingquitelongtolookfor${index}`).join(" ");
  for (const typed of [`title:(${words})`, "ﷺ".repeat(100)])
    expect(errorOf(typed)).toMatchObject({
      message: expect.stringMatching(/^An interest may have 1000 characters; this, written out, has 1\d{3}\.$/),
      ...{ position: 0, length: typed.length },
    });
});

test("an interest may have so many terms, and the first too many is pointed at", () => {
  const words = Array.from({ length: limits.terms }, (_, index) => `word${index}`);
  expect(() => parseInterest(words.join(" "))).not.toThrow();
  const typed = `${words.join(" OR ")} "one more" boats`;
  expect(errorOf(typed)).toMatchObject({
    message: "An interest may have 32 terms; this has 34.",
    ...{ position: typed.indexOf('"'), length: 1 },
  });
});

test("a list of categories counts as so many terms", () => {
  const list = (count: number) => `cat:${Array.from({ length: count }, (_, at) => `a.${at}`).join(",")}`;
  expect(() => parseInterest(list(limits.terms))).not.toThrow();
  expect(errorOf(list(limits.terms + 1))).toMatchObject({
    message: "An interest may have 32 terms; this, written out, has 33.",
    ...{ position: 0, length: list(limits.terms + 1).length },
  });
});

test("brackets may be nested so deep, and the first too deep is pointed at", () => {
  const nested = (depth: number) => `${"b (".repeat(depth)}c${")".repeat(depth)}`;
  expect(() => parseInterest(nested(limits.depth))).not.toThrow();
  expect(errorOf(nested(limits.depth + 1))).toMatchObject({
    message: "Brackets may be nested 10 deep.",
    ...{ position: 3 * limits.depth + 2, length: 1 },
  });
  expect(errorOf("(".repeat(limits.characters))).toMatchObject({ position: limits.depth, length: 1 });
});

test("a form of lines keeps what can be read, and names the line of what can't", () => {
  const { interests, errors } = parseInterests('robots\r\n\r\n"open\n  speech  \rboats');
  expect(interests.map((it) => it.typed)).toEqual(["robots", "speech", "boats"]);
  expect(errors.map((it) => [it.line, it.typed])).toEqual([[2, '"open']]);
});

test("lines that there is no room for are told together, by the first of them", () => {
  const lines = Array.from({ length: limits.interests + 2 }, (_, index) => `word${index}`);
  const { interests, errors } = parseInterests(lines.join("\n"));
  expect(interests).toHaveLength(limits.interests);
  expect(errors).toMatchObject([{ line: 50, typed: "word50" }]);
  expect(errors[0]?.error).toMatchObject({
    message: "There is room for 50 interests; this is the first of 2 too many.",
    ...{ position: 0, length: 6 },
  });
  expect(parseInterests("(\n".repeat(30_000)).errors).toHaveLength(limits.interests + 1);
});

test("control characters in what was typed are spaces, which mails can show", () => {
  const typed = (text: string) => parseInterests(text).interests.map((it) => it.typed);
  expect(typed("red\u001b[0m violets\r\nquic\u0008\u0008k\tfox\u0085")).toEqual(["red [0m violets", "quic  k fox"]);
});
