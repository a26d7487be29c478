import { expect, test } from "vitest";
import { readArxivXml } from "../../src/sources/arxiv_xml.ts";
import { SourceError } from "../../src/sources/http.ts";

function item(fields: Partial<Record<"id" | "type" | "title" | "abstract" | "creator" | "categories", string>> = {}) {
  const {
    id = "2611.00301v1",
    type = "new",
    title = "Tides",
    abstract = "We watch tides.",
    creator = "Ada Okafor",
  } = fields;
  return `<item>
      <title>${title}</title>
      <link>https://arxiv.org/abs/${id.replace(/v\d+$/, "")}</link>
      <description>arXiv:${id} Announce Type: ${type} 
Abstract: ${abstract}</description>
      <guid isPermaLink="false">oai:arXiv.org:${id}</guid>
      ${fields.categories ?? "<category>cs.CL</category>"}
      <pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate>
      <arxiv:announce_type>${type}</arxiv:announce_type>
      <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
      <dc:creator>${creator}</dc:creator>
    </item>`;
}

const rss = (...items: string[]) => `<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
  <channel>
    <title>cs.CL updates on arXiv.org</title>
    <link>http://rss.arxiv.org/rss/cs.CL</link>
    <description>cs.CL updates on the arXiv.org e-print archive.</description>
    <lastBuildDate>Fri, 20 Nov 2026 05:00:01 +0000</lastBuildDate>
    <pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate>
    <skipDays><day>Saturday</day><day>Sunday</day></skipDays>
    ${items.join("\n")}
  </channel>
</rss>`;

test("an announcement is read whole, with its type and day", () => {
  const page = readArxivXml(
    rss(
      item({
        id: "2611.00301v2",
        title: "Tides &amp; currents\n  at $x &lt; 3$",
        creator: "Ada Okafor, Linh Nguy&#7877;n (Kestrel Ridge), J. S&#xf8;rensen",
        categories: "<category>cs.CL</category>\n<category>stat.ML</category><category>cs.CL</category>",
      }),
    ),
  );
  expect(page).toEqual({
    skipped: [],
    date: "2026-11-20",
    total: 1,
    papers: [
      {
        arxivId: "2611.00301",
        version: 2,
        given: undefined,
        title: "Tides & currents at $x < 3$",
        abstract: "We watch tides.",
        authors: ["Ada Okafor", "Linh Nguyễn", "J. Sørensen"],
        categories: ["cs.CL", "stat.ML"],
        comment: undefined,
        authority: 2,
        listings: [{ source: "arxiv", section: "cs.CL", kind: "new", date: "2026-11-20" }],
      },
    ],
  });
});

test.each(["new", "cross", "replace", "replace-cross"])("the announce type %s is kept", (type) => {
  const [paper] = readArxivXml(rss(item({ type }))).papers;
  expect(paper?.listings).toEqual([{ source: "arxiv", section: "cs.CL", kind: type, date: "2026-11-20" }]);
  expect(paper?.abstract).toBe("We watch tides.");
});

test("an announce type that nobody knows makes a paper without a listing", () => {
  expect(readArxivXml(rss(item({ type: "withdrawn" }))).papers[0]?.listings).toEqual([]);
});

test("the day is arXiv's own, not that of UTC", () => {
  const late = rss(item()).replaceAll("00:00:00 -0500", "23:30:00 -0500");
  expect(readArxivXml(late)).toMatchObject({ date: "2026-11-20" });
});

test("a weekend's feed has a date and no papers", () => {
  expect(readArxivXml(rss())).toEqual({ papers: [], skipped: [], date: "2026-11-20", total: 0 });
});

test("an item without an id or a title is skipped by name and the rest is kept", () => {
  const noId = item().replaceAll(/(arXiv:|oai:arXiv.org:|abs\/)2611.00301(v1)?/g, "$1nothing");
  const { papers, skipped } = readArxivXml(rss(item(), noId, item({ title: "" }), item({ id: "2611.00302v1" })));
  expect(papers.map((it) => it.arxivId)).toEqual(["2611.00301", "2611.00302"]);
  expect(skipped).toEqual([
    { entry: "entry 2 of 4 (oai:arXiv.org:nothing Tides)", reason: "it has no arXiv id" },
    { entry: "entry 3 of 4 (oai:arXiv.org:2611.00301v1)", reason: "it has no title" },
  ]);
});

test("an item without a guid is known by its announcement or its link", () => {
  const bare = item().replace(/<guid.*<\/guid>/, "");
  expect(readArxivXml(rss(bare)).papers[0]).toMatchObject({ arxivId: "2611.00301", version: 1 });
  const linked = bare.replace(/arXiv:\S+ Announce Type: new \nAbstract: /, "");
  expect(readArxivXml(rss(linked)).papers[0]).toMatchObject({ arxivId: "2611.00301", abstract: "We watch tides." });
});

test("a day of 2,000 rows with thousands of entities is read whole", () => {
  const items = Array.from({ length: 2000 }, (_, index) =>
    item({
      id: `2611.${String(10_000 + index)}v1`,
      abstract: "a &lt; b &amp; c &gt; d &#233; &quot;e&quot; ".repeat(5),
    }),
  );
  const { papers, skipped } = readArxivXml(rss(...items));
  expect(papers).toHaveLength(2000);
  expect(skipped).toEqual([]);
  expect(papers[1999]?.abstract).toMatch(/^a < b & c > d é "e" a </);
});

const atomEntry = `<entry>
    <id>http://arxiv.org/abs/2611.00303v2</id>
    <title>Tides of\n  Meaning</title>
    <updated>2026-11-19T10:00:00Z</updated>
    <link href="https://arxiv.org/abs/2611.00303v2" rel="alternate" type="text/html"/>
    <summary>  We read
tides.  </summary>
    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
    <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
    <published>2026-11-12T17:00:01Z</published>
    <arxiv:comment>12 pages,\n 3 figures</arxiv:comment>
    <arxiv:primary_category term="cs.LG"/>
    <arxiv:doi>10.1000/TIDES</arxiv:doi>
    <author><name>Ada Okafor</name><arxiv:affiliation>Kestrel</arxiv:affiliation></author>
    <author><name>Linh Nguyễn</name></author>
  </entry>`;

const atom = (
  entries: string,
  total = 1,
  title = "arXiv Query: search_query=cat:cs.CL",
) => `<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/abc</id>
  <title>${title}</title>
  <updated>2026-11-20T05:00:19.866337+00:00</updated>
  <opensearch:totalResults>${total}</opensearch:totalResults>
  ${entries}
</feed>`;

test("an answer of the API is read whole, with how many there are in all", () => {
  expect(readArxivXml(atom(atomEntry, 2345))).toEqual({
    skipped: [],
    date: undefined,
    total: 2345,
    papers: [
      expect.objectContaining({
        arxivId: "2611.00303",
        version: 2,
        doi: "10.1000/tides",
        title: "Tides of Meaning",
        abstract: "We read tides.",
        authors: ["Ada Okafor", "Linh Nguyễn"],
        categories: ["cs.CL", "cs.LG"],
        comment: "12 pages, 3 figures",
        publishedOn: "2026-11-12",
        listings: [{ source: "arxiv", section: "cs.LG", kind: "new", date: "2026-11-12" }],
      }),
    ],
  });
});

test("announcements as Atom are read like those as RSS", () => {
  const entry = `<entry><id>oai:arXiv.org:2611.00304v1</id><title>Crossing</title>
    <summary>arXiv:2611.00304v1 Announce Type: cross \nAbstract: We cross.</summary>
    <category term="cs.RO"/><published>2026-11-20T00:00:00-05:00</published>
    <arxiv:announce_type>cross</arxiv:announce_type><dc:creator>Ada Okafor, Linh Nguyễn</dc:creator></entry>`;
  const page = readArxivXml(atom(entry, 1, "cs.CL updates on arXiv.org"));
  expect(page.date).toBe("2026-11-20");
  expect(page.papers).toMatchObject([
    {
      arxivId: "2611.00304",
      abstract: "We cross.",
      authors: ["Ada Okafor", "Linh Nguyễn"],
      listings: [{ source: "arxiv", section: "cs.CL", kind: "cross", date: "2026-11-20" }],
    },
  ]);
});

test("what the API refuses is told in its words", () => {
  const refusal = `<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id><title>Error</title>
    <summary>incorrect id format for abc</summary></entry>`;
  expect(() => readArxivXml(atom(refusal))).toThrow(/refused the question: incorrect id format for abc/);
});

const oai = (content: string) => `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-20T04:36:53Z</responseDate>
<request verb="ListRecords" metadataPrefix="arXivRaw">http://oaipmh.arxiv.org/oai</request>${content}</OAI-PMH>`;

const raw = `<record><header><identifier>oai:arXiv.org:hep-th/9901001</identifier><datestamp>2026-11-20</datestamp></header>
  <metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>hep-th/9901001</id><submitter>A. Okafor</submitter>
  <version version="v1"><date>Fri, 1 Jan 1999 21:00:01 GMT</date><size>85kb</size></version>
  <version version="v2"><date>Tue, 2 Apr 2013 01:50:08 GMT</date><size>84kb</size></version>
  <title>Strings</title><authors>A. Okafor, L. Nguyen and J. Lima</authors><categories>hep-th math.GT</categories>
  <doi>10.1000/One 10.1000/Two</doi><abstract>  On
strings.</abstract></arXivRaw></metadata></record>`;

test("an OAI-PMH answer is read with its versions and its token; deleted records are left out", () => {
  const deleted = `<record><header status="deleted"><identifier>oai:arXiv.org:1</identifier></header></record>`;
  const token = `<resumptionToken cursor="0" completeListSize="387">1234|1001</resumptionToken>`;
  const page = readArxivXml(oai(`<ListRecords>${raw}${deleted}${token}</ListRecords>`));
  expect(page).toMatchObject({ skipped: [], total: 387, resumptionToken: "1234|1001" });
  expect(page.papers).toMatchObject([
    {
      arxivId: "hep-th/9901001",
      version: 2,
      doi: "10.1000/one",
      title: "Strings",
      abstract: "On strings.",
      authors: ["A. Okafor", "L. Nguyen", "J. Lima"],
      categories: ["hep-th", "math.GT"],
      publishedOn: "1999-01-01",
    },
  ]);
});

test("the arXiv form of OAI-PMH is read with its names put together", () => {
  const record = `<record><header><identifier>oai:arXiv.org:2611.00305</identifier></header><metadata>
    <arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2611.00305</id><created>2026-11-02</created>
    <authors><author><keyname>Okafor</keyname><forenames>Ada</forenames><suffix>Jr</suffix></author></authors>
    <title>Ropes</title><categories>cs.CL</categories><abstract>On ropes.</abstract></arXiv></metadata></record>`;
  expect(readArxivXml(oai(`<GetRecord>${record}</GetRecord>`)).papers).toMatchObject([
    { arxivId: "2611.00305", authors: ["Ada Okafor Jr"], publishedOn: "2026-11-02" },
  ]);
});

test("OAI-PMH's no records are no papers, and its other errors are told", () => {
  expect(readArxivXml(oai('<error code="noRecordsMatch">none</error>')).papers).toEqual([]);
  const refused = oai('<error code="badResumptionToken">The token is illegal</error>');
  expect(() => readArxivXml(refused)).toThrow(/badResumptionToken: The token is illegal/);
});

const doctype = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';

test.each([
  ["at the start", `${doctype}${rss(item({ title: "&b;" }))}`],
  ["after the declaration", rss(item()).replace("?>", `?>\n${doctype}`)],
  ["after a comment that holds a tag", rss(item()).replace("?>", `?><!-- <rss> -->${doctype.toLowerCase()}`)],
  ["after an instruction that holds a tag", rss(item()).replace("?>", `?><?style <rss> ?>\n${doctype}`)],
])("a DOCTYPE is refused %s", (_name, text) => {
  expect(() => readArxivXml(text)).toThrow(new SourceError("The feed has a DOCTYPE, which is refused"));
});

test.each([
  ["plain", "<html><body><p>Bad gateway<br></body>"],
  ["with a DOCTYPE", "<!DOCTYPE html>\n<html lang='en'><body>Bad gateway"],
])("a web page in a feed's place is told as one: %s", (_name, text) => {
  expect(() => readArxivXml(text)).toThrow(new SourceError("This is a web page, not a feed"));
});

test("a DOCTYPE that an abstract speaks of is text", () => {
  expect(readArxivXml(rss(item({ abstract: "On &lt;!DOCTYPE html&gt;." }))).papers[0]?.abstract).toBe(
    "On <!DOCTYPE html>.",
  );
});

test.each([
  ["a feed cut short", rss(item(), item({ id: "2611.00302v1" })).slice(0, -200)],
  ["an empty body", ""],
  ["text", "Rate exceeded."],
  ["JSON", "[]"],
  ["another feed's root", "<opml version='2.0'></opml>"],
])("%s is a clear SourceError", (_name, text) => {
  expect(() => readArxivXml(text)).toThrow(SourceError);
  expect(() => readArxivXml(text)).toThrow(/not well-formed XML|no feed of arXiv/);
});
