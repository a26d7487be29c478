import { expect, test } from "vitest";
import { createDatabase } from "../support/database.ts";
import { hits, written } from "./written.ts";

const { sql } = await createDatabase();

/** What the stemmer of PostgreSQL would take for one, and what it would take for two. */
const apart = `universal university, organ organization, organic organ, general generalization, transform transformer, object objective,
  position positive, emergent emergency, public publication, international internal, human humanities, later lateral, proven provenance,
  continual continuous, continue continual, integrate integral, integral integrity, active activation, activation activity,
  response responsible, compute computer, information informal, effect effective, physical physics, mechanism mechanics,
  graphics graphical, operate operator, person personal, distribution distributed, derive derivative, propose proposal, set setting,
  use useful, demonstrate demonstration, consist consistency, reason reasonable, direct direction, critic critical, natural nature,
  factorial factory, federated federal, conversion conversation, govern government, affect affective, power powerful, harness har,
  fit fitness, ill illness, busy business, access accessibility, identity identical, differential differentiable,
  variation variational, original origin, universe universal, digit digital, dynamic dynamics, even evening, meaning mean,
  experience experiment, important import, author authority, relative relation, sensor sense, news new, ratio rational`;
const together = `learning learn, models modelling, matrices matrix, behaviour behavior, optimisation optimize, analyses analyze,
  synthesis synthesized, diagnosis diagnosing, supervision supervised, precise precision, surprisingly surprise, lens lenses,
  gas gases, explanation explainable, hypotheses hypothesis, criteria criterion, paediatric pediatric, fine-tuned finetunes,
  retrieval retrieve, segmentation segmenting, agentic agents, robots robotics, quantized quantization, tumours tumor`;
const pairs = (list: string) => list.split(/,\s+/).map((pair) => pair.split(" ") as [string, string]);

test.each(pairs(apart))("%s and %s are told apart", async (one, other) => {
  expect(await hits(sql, [one, other], [written(one), written(other)])).toEqual([
    [true, false],
    [false, true],
  ]);
});

test.each(pairs(together))("%s and %s find one another", async (one, other) => {
  expect(await hits(sql, [one, other], [written(one), written(other)])).toEqual([
    [true, true],
    [true, true],
  ]);
});
