import { Hono } from "hono";
import { html } from "hono/html";
import { UserError } from "../errors.ts";
import { previewInterests } from "../interests/preview.ts";
import { texToUnicode } from "../papers/tex.ts";
import { trendingPapers } from "../papers/trending.ts";
import { preferencesSchema, readChoices } from "../subscribers/preferences.ts";
import { nextSlotsInWords } from "../subscribers/words.ts";
import { Gate } from "./gate.ts";
import { type Html, nothing, type Web } from "./page.ts";
import { paperAddress } from "./paper_card.ts";
import { previewCount, previewPanel } from "./preview_panel.ts";
import { readForm } from "./read_form.ts";
import { subscribePage } from "./subscribe.ts";
import { type FormValues, formValues } from "./subscribe_form.ts";
import { applyChange, Subjects, suggestions } from "./suggestions.ts";

/** Lines that are tried at once, at most: each costs the database a little. */
export const mostLines = 12;
const previewsAtOnce = 3;
const trendingShown = 3;
/** The titles under an empty form stand on the front page: they need not be of this second. */
const trendingKeptFor = { minutes: 1 };

/** The parts of a form that change while somebody types. */
export type FormParts = { count: string; panel: Html; suggestions: Html; next: string };

/** Makes the parts: one for the whole site, since it holds back previews when there are many. */
export class Previewer {
  private readonly web: Web;
  private readonly subjects = new Subjects();
  private readonly gate = new Gate(previewsAtOnce);
  private trending: { panel: Html; until: Temporal.Instant } | undefined;

  constructor(web: Web) {
    this.web = web;
  }

  /** `action` is where buttons go that change a line, without script. */
  async parts(values: FormValues, line?: number, action = "/preview"): Promise<FormParts> {
    const interests = values.interests ?? "";
    const lines = linesOf(interests);
    const known = await this.subjects.read(this.web);
    const common = {
      suggestions: suggestions(known, interests, line, action),
      next: nextMails(values, this.web.clock()),
    };
    if (lines.length === 0) return { ...common, count: "", panel: await this.trendingInstead() };
    try {
      const preview = await this.preview(lines.slice(0, mostLines).join("\n"));
      const rest = lines.length - mostLines;
      const left = html`<p class="details">The first ${mostLines} lines are tried here; all ${lines.length} are looked for.</p>`;
      const panel = html`${rest > 0 ? left : nothing}${previewPanel(preview, action)}`;
      return { ...common, count: previewCount(preview), panel };
    } catch (error) {
      // The form is worth more than what stands beside it.
      if (!(error instanceof UserError)) throw error;
      return { ...common, count: error.message, panel: nothing };
    }
  }

  /** The parts of a form that nobody has changed yet. */
  async quietParts(values: FormValues, action: string): Promise<FormParts> {
    const known = await this.subjects.read(this.web);
    const panel = html`<p class="details">Change something, and here stands what it would bring.</p>`;
    return { count: "", panel, suggestions: suggestions(known, values.interests ?? "", undefined, action), next: "" };
  }

  private async trendingInstead(): Promise<Html> {
    const now = this.web.clock();
    if (!this.trending || Temporal.Instant.compare(this.trending.until, now) <= 0)
      this.trending = { panel: await trendingTitles(this.web), until: now.add(trendingKeptFor) };
    return this.trending.panel;
  }

  preview(interests: string) {
    return this.gate.run(() => previewInterests(this.web.sql, interests, this.web.clock()));
  }
}

/** `POST /preview`: the form as it is filled in, with what it would bring. The site's script takes only the parts. */
export function previewing(web: Web, previewer: Previewer): Hono {
  const app = new Hono();
  app.post("/preview", async (c) => {
    const form = await readForm(c);
    const values = formValues({ ...form, interests: applyChange(form.interests ?? "", form.change ?? "") });
    const line = /^\d{1,3}$/.test(form.line ?? "") ? Number(form.line) : undefined;
    const parts = await previewer.parts(values, line);
    if (c.req.header("x-parts")) return c.html(liveParts(parts));
    return subscribePage(c, web, { values, parts });
  });
  return app;
}

/** The lines that have something in them. */
export function linesOf(interests: string): string[] {
  return interests.split(/\r\n|\r|\n/).filter((line) => line.trim());
}

/** The parts as they stand in the page, each with the id by which the script finds its place. */
export function liveParts({ count, panel, suggestions, next }: FormParts): Html {
  return html`<p id="preview-count" role="status" data-part>${count}</p><div id="preview-panel" data-part>${panel}</div><div id="suggested" data-part>${suggestions}</div><p id="next-mails" data-part>${next}</p>`;
}

async function trendingTitles({ sql, clock }: Web): Promise<Html> {
  const ids = await trendingPapers(sql, clock(), trendingShown);
  const rows = await sql<{ slug: string; title: string }[]>`
    select slug, title from unnest(${ids}::bigint[]) with ordinality as trend (id, place) join papers using (id) order by place`;
  if (rows.length === 0) return nothing;
  return html`<p class="label">Without interests you get what others read</p><ol class="best">${rows.map((row) => html`<li><a href="${paperAddress(row)}">${texToUnicode(row.title)}</a></li>`)}</ol>`;
}

/** When the next mails would come; nothing where the schedule can't be read. */
function nextMails({ cadence, weekday, hour, timezone }: FormValues, now: Temporal.Instant): string {
  const schedule = preferencesSchema.pick({ cadence: true, weekday: true, hour: true, timezone: true });
  const read = schedule.safeParse(readChoices({ cadence, weekday, hour, timezone }));
  if (!timezone || !read.success) return "";
  return `The next three: ${nextSlotsInWords(read.data, now).join("; ")}.`;
}
