import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { actOnAddressChange, requestAddressChange } from "../../src/subscribers/change_address.ts";
import { requestLink } from "../../src/subscribers/privacy.ts";
import { unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken } from "../../src/token.ts";
import { createContext } from "./context.ts";
import { addNewReader, addPapers, paper } from "./make.ts";
import { type SinkMail, startSink } from "./smtp_sink.ts";

const abstract =
  "Dexterous manipulation of cloth has resisted imitation, since no two towels fall alike. We show that a robot which plans over folds, not over points, learns from forty demonstrations what took four thousand before. On nine garments that it has never seen it folds eight, and says so when it can't fold the ninth.";

/** The papers that the digest has, ten of twelve. */
export const papers = Array.from({ length: 12 }, (_, at) =>
  paper({
    title: `Laundry at Last: Robots that Fold What They Have Never Seen, Part ${at + 1}`,
    abstract,
    authors: ["Tomás Ibarra", "Mei-Ling Cho", "Jürgen Weiß"],
    publishedOn: "2026-11-19",
    upvotes: 3 + at,
    codeUrl: "https://code.example.org/laundry",
  }),
);

/** One mail of every kind, by its template's name, as a reader's server gets them who does all that a reader can do. */
export async function everyMail(): Promise<Map<string, SinkMail>> {
  const context = await createContext({ INBOUND_SMTP_PORT: "0", RETURN_DOMAIN: "bounces.papers.example.org" });
  const { sql, config } = context;
  const templates = await compileTemplates();
  const sink = await startSink();
  const mailer = createMailer(config, sink.url);
  const mails = new Map<string, SinkMail>();
  const send = async () => {
    await match(context);
    await plan(context);
    await deliver(context, mailer, templates);
    for (const mail of sink.mails.splice(0)) {
      const [, kind = ""] = /^Feedback-ID: ([\w-]+):/m.exec(mail.raw) ?? [];
      mails.set(mail.parsed.subject?.startsWith("Nothing new") ? "all-is-well" : kind, mail);
    }
  };
  const form = {
    email: "ada@example.org",
    interests: 'manipulation\n"quiet harbours"',
    trending: "off",
    allIsWell: "on",
  };
  await addPapers(context, ...papers);
  const reader = await addNewReader(context, form);
  await send();
  context.setNow("2026-11-21T08:00:00Z");
  await send();
  await requestLink(context, form.email);
  await send();
  await requestAddressChange(context, reader, "ada@example.net");
  await send();
  const [change] = await sql<{ id: number }[]>`select id from address_changes`;
  await actOnAddressChange(context, deriveToken(config.secret, "address", change?.id as number));
  await send();
  await requestLink(context, "ada@example.net");
  await send();
  const [{ moves = 0 } = {}] = await sql<{ moves: number }[]>`select moves from subscribers where id = ${reader}`;
  await unsubscribe(context, deriveToken(config.secret, "unsubscribe", reader, moves), "page");
  await send();
  mailer.close();
  return mails;
}
