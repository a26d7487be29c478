import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { temporaryFolder } from "../support/folder.ts";
import { listening, statuses } from "../support/inbound.ts";
import { bounce } from "../support/reports.ts";
import { dial } from "../support/smtp_client.ts";

const folder = temporaryFolder();
/** A certificate that nobody vouches for, and its key. */
function certify(name: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`, "-keyout", key, "-out", cert];
  return spawnSync("openssl", made).status === 0 ? { cert, key } : { cert: "", key: "" };
}
const [own, other] = [certify("bounces.example.org"), certify("other.example.org")];

test.skipIf(!own.cert)("with a certificate the port offers STARTTLS, and takes a report over it", async () => {
  const tls = { INBOUND_TLS_CERT: own.cert, INBOUND_TLS_KEY: readFileSync(own.key, "utf8").replaceAll("\n", "\\n") };
  const { context, port, address } = await listening(1, {}, tls);
  const sender = createTransport({ host: "127.0.0.1", port, requireTLS: true, tls: { rejectUnauthorized: false } });
  const envelope = { from: "", to: [address("bounce")] };
  const { response } = await sender.sendMail({ envelope, raw: bounce(address("bounce")) });
  sender.close();
  expect(response).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed"]);
});

test("without a certificate it offers none", async () => {
  const { port } = await listening();
  const client = await dial(port);
  expect(await client.say("EHLO mx.example.net")).not.toContain("STARTTLS");
  expect(await client.say("STARTTLS")).toMatch(/^5/);
});

test.skipIf(!own.cert)("a certificate without its key, or with another's, is told at the start", () => {
  const load = (more: Record<string, string>) => () => loadConfig({ DATA_DIR: folder, SOURCES: "", ...more });
  expect(load({ INBOUND_TLS_CERT: own.cert })).toThrow(/INBOUND_TLS_CERT and INBOUND_TLS_KEY are both needed/);
  expect(load({ INBOUND_TLS_CERT: own.cert, INBOUND_TLS_KEY: other.key })).toThrow(
    /is not the key of INBOUND_TLS_CERT/,
  );
  expect(load({ INBOUND_TLS_CERT: own.cert, INBOUND_TLS_KEY: own.key })).not.toThrow();
});
