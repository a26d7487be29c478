import { expect, test } from "vitest";
import { outcomeOf } from "../../src/delivery/smtp.ts";

const failure = (fields: object) => Object.assign(new Error("it went wrong"), fields);

test.each([
  ["an answer of 4xx is known as unsent", { responseCode: 451, command: "DATA" }, "unsent"],
  ["an answer of 5xx is a refusal", { responseCode: 550, command: "RCPT TO" }, "refused"],
  [
    "a refusal of our own login is no reader's fault",
    { responseCode: 535, command: "AUTH PLAIN", code: "EAUTH" },
    "unsent",
  ],
  ["a refusal of our own sender is no reader's fault", { responseCode: 550, command: "MAIL FROM" }, "unsent"],
  ["a refused greeting is no reader's fault", { responseCode: 554, command: "CONN" }, "unsent"],
  [
    "a connection that was not made is known as unsent",
    { code: "ESOCKET", message: "connect ECONNREFUSED 127.0.0.1:25" },
    "unsent",
  ],
  ["a name that is not known is known as unsent", { code: "EDNS", command: "CONN" }, "unsent"],
  ["an address that the server can't take is a refusal", { code: "EENVELOPE" }, "refused"],
  ["a connection lost without an answer is unknown", { code: "ECONNECTION", command: "CONN" }, "unknown"],
  ["a silence after the message is unknown", { code: "ETIMEDOUT", command: "DATA" }, "unknown"],
  ["an error of a kind never seen is unknown", {}, "unknown"],
])("%s", (_name, fields, state) => {
  expect(outcomeOf(failure(fields)).state).toBe(state);
});

test("an answer is kept without the address in it", () => {
  const { answer } = outcomeOf(
    failure({ responseCode: 550, command: "RCPT TO", response: "550 5.1.1 <ada.okafor@example.org>: no such user" }),
  );
  expect(answer).toBe("550 5.1.1 <a…@example.org>: no such user");
});
