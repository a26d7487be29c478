import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { hand, listening, reports, statuses } from "../support/inbound.ts";
import { bounce, letter } from "../support/reports.ts";
import { dial } from "../support/smtp_client.ts";

test("more recipients than ten wait for the next transaction", async () => {
  const { port, address } = await listening(11);
  const client = await dial(port);
  const replies = await client.begin(...Array.from({ length: 11 }, (_, index) => address("bounce", index)));
  expect(replies.filter((it) => it.startsWith("250"))).toHaveLength(10);
  expect(replies[10]).toMatch(/^452 4\.5\.3/);
});

test("a mail that says to be too large is refused at once, one that is so without saying it at its end", async () => {
  const { context, port, address } = await listening();
  const client = await dial(port);
  await client.say("EHLO mx.example.net");
  expect(await client.say(`MAIL FROM:<> SIZE=${1024 * 1024 + 1}`)).toMatch(/^552 5\.3\.4/);
  await client.begin(address("bounce"));
  const large = `${bounce(address("bounce"))}\r\n${"x".repeat(1000).concat("\r\n").repeat(1100)}`;
  expect(await client.data(large)).toMatch(/^552 5\.3\.4/);
  expect(await reports(context)).toEqual([]);
  await client.begin(address("bounce"));
  expect(await client.data(bounce(address("bounce")))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed"]);
});

test("who sends without end is hung up on", async () => {
  const { context, port, address } = await listening();
  const client = await dial(port);
  await client.begin(address("bounce"));
  await client.say("DATA");
  const line = `${"x".repeat(998)}\r\n`.repeat(100);
  let sent = 0;
  while (!client.socket.destroyed && sent < 50 * 1024 * 1024) {
    sent += line.length;
    if (!client.socket.write(line)) await new Promise((resolve) => setImmediate(resolve));
  }
  await client.closed;
  expect(sent).toBeLessThan(50 * 1024 * 1024);
  expect(await reports(context)).toEqual([]);
});

test("a flood of connections from one host is held at twenty, and ends when they go", async () => {
  const { port, address } = await listening();
  const clients = await Promise.all(Array.from({ length: 70 }, () => dial(port)));
  expect(clients.filter((it) => it.greeting.startsWith("220"))).toHaveLength(20);
  for (const client of clients.filter((it) => !it.greeting.startsWith("220")))
    expect(client.greeting).toMatch(/^421|^closed/);
  for (const client of clients) client.socket.destroy();
  await Promise.all(clients.map((it) => it.closed));
  await expect
    .poll(() => hand(port, address("bounce"), bounce(address("bounce"))), { timeout: 10_000 })
    .toMatch(/^250/);
});

test("who says nothing is told so and hung up on", async () => {
  const { port } = await listening(1, { idleMilliseconds: 200 });
  const client = await dial(port);
  expect(await client.reply()).toMatch(/^421/);
  await client.closed;
});

test("who says a little now and then is hung up on all the same", async () => {
  const { port } = await listening(1, { connectionMilliseconds: 1000 });
  const client = await dial(port);
  let said = 0;
  for (; (await client.say("NOOP")) !== "closed"; said++) await delay(20);
  expect(said).toBeGreaterThan(0);
});

test("who tries one address after the other is hung up on", async () => {
  const { port } = await listening();
  const client = await dial(port);
  const replies = await client.begin(
    ...Array.from({ length: 30 }, (_, index) => `bounce-${index}-x@papers.example.org`),
  );
  expect(replies.filter((it) => it.startsWith("550"))).toHaveLength(19);
  expect(replies[19]).toMatch(/^421/);
  expect(replies[29]).toBe("closed");
});

test("who names one address over and over is hung up on, as each is looked up", async () => {
  const { port, address } = await listening();
  const client = await dial(port);
  const replies: string[] = [];
  for (let round = 0; round < 30; round++) {
    replies.push(...(await client.begin(...Array(9).fill(address("bounce")))));
    if (replies.at(-1) === "closed") break;
    await client.say("RSET");
  }
  expect(replies.filter((it) => it.startsWith("250"))).toHaveLength(200);
  expect(replies.find((it) => !it.startsWith("250"))).toMatch(/^421/);
});

test("more than twenty reports about one reader in a day wait for the next day", async () => {
  const { context, port, address } = await listening();
  const away = letter(address("bounce"), { subject: "Automatic reply: away" });
  for (let count = 0; count < 20; count++) expect(await hand(port, address("bounce"), away)).toMatch(/^250/);
  expect(await hand(port, address("bounce"), away)).toMatch(/^452/);
  context.setNow("2026-11-22T10:00:00Z");
  expect(await hand(port, address("bounce"), bounce(address("bounce")))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed"]);
});

test("a report within reports, to whatever depth, is answered and does no harm", async () => {
  const { context, port, address } = await listening();
  let mail = bounce(address("bounce"));
  for (let depth = 0; depth < 200; depth++)
    mail = `Content-Type: multipart/mixed; boundary="b${depth}"\r\n\r\n--b${depth}\r\nContent-Type: message/rfc822\r\n\r\n${mail}\r\n--b${depth}--`;
  expect(await hand(port, address("bounce"), mail)).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["active"]);
});
