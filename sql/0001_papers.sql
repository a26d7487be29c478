-- Papers, where they were listed, and how their text becomes lexemes.

create text search configuration paper_words (copy = pg_catalog.english);

-- The one place that decides how written text becomes words, for papers and for interests alike. Compatibility forms,
-- accents and case are folded; letters that have no decomposition are spelt out; a hyphen or slash inside a word parts it,
-- because PostgreSQL's parser would take `GPT-4` for `gpt` and minus four, and `and/or` for a path.
create function fold_text(written text) returns text
language sql immutable strict parallel safe
return regexp_replace(
  regexp_replace(
    regexp_replace(
      replace(replace(replace(
        translate(
          lower(regexp_replace(normalize(written, NFKD), '[\u0300-\u036f]', '', 'g')),
          'øłđðı‐‑‒–−’', 'olddi-----'''),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
      '\mc\+\+', 'cplusplus', 'g'),
    '\mc#', 'csharp', 'g'),
  '(?<=[[:alnum:]])[-/](?=[[:alnum:]])', ' ', 'g');

-- `fine-tuning` is also `finetuning`: hyphenated words joined, with spaces between them.
create function joined_words(written text) returns text
language sql immutable strict parallel safe
return (
  select coalesce(string_agg(replace(word[1], '-', ''), ' '), '')
  from regexp_matches(translate(lower(normalize(written, NFKC)), '‐‑‒–', '----'), '[[:alpha:]]+(?:-[[:alpha:]]+)+', 'g') as word
);

-- At most `longest` characters count, folded: folding can make one of them into many, and a tsvector holds 1 MB.
create function paper_field(folded text, longest integer, field "char") returns tsvector
language sql immutable parallel safe
return setweight(to_tsvector('paper_words', left(coalesce(folded, ''), longest)), field);

-- Puts `following` after `preceding` with a gap of positions, so that no phrase runs from one field into the next.
create function after_gap(preceding tsvector, following tsvector) returns tsvector
language sql immutable parallel safe
return ts_delete(preceding || '§:16'::tsvector || following, '§');

-- Weights name the fields: A title, B authors and organisation, C categories, D abstract.
create function paper_vector(title text, authors text[], organization text, categories text[], abstract text)
returns tsvector
language sql immutable parallel safe
return after_gap(after_gap(after_gap(after_gap(after_gap(
  paper_field(fold_text(title), 5000, 'A'),
  paper_field(joined_words(title), 5000, 'A')),
  paper_field(fold_text(left(array_to_string(authors, ' . '), 50000)), 50000, 'B')),
  paper_field(fold_text(organization), 1000, 'B')),
  paper_field(fold_text((select string_agg(category || ' . ' || split_part(category, '.', 1), ' . ') from unnest(categories) as category)), 5000, 'C')),
  after_gap(
    paper_field(fold_text(left(abstract, 50000)), 50000, 'D'),
    paper_field(joined_words(left(abstract, 50000)), 20000, 'D')));

create table papers (
  id bigint generated always as identity primary key,
  arxiv_id text unique,
  doi text,
  -- Letters and digits of the title, folded: the identity of a work that came without an id.
  title_key text not null,
  title text not null,
  abstract text not null default '',
  authors text[] not null default '{}',
  organization text,
  categories text[] not null default '{}',
  comment text,
  published_on date,
  version integer not null default 1,
  -- How far the source of the text is trusted: a lesser one never overwrites it.
  authority smallint not null,
  -- Counts the changes to what a mail shows; earlier ones are in paper_revisions.
  revision integer not null default 1,
  upvotes integer,
  comments integer,
  code_url text,
  project_url text,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  -- The batch in which it was matched to the interests; null until then.
  batch_id bigint,
  vector tsvector generated always as (paper_vector(title, authors, organization, categories, abstract)) stored,
  -- What addresses show: the arXiv id, or our number.
  slug text generated always as (coalesce(arxiv_id, id::text)) stored
);
create index papers_vector on papers using gin (vector);
create index papers_title_key on papers (title_key);
create index papers_doi on papers (doi) where doi is not null;
create index papers_slug on papers (slug);
create index papers_unmatched on papers (id) where batch_id is null;
create index papers_first_seen on papers (first_seen_at, id);

-- The text as earlier mails showed it, so that a mail sent again after a crash is the same mail.
create table paper_revisions (
  paper_id bigint not null references papers,
  revision integer not null,
  arxiv_id text,
  doi text,
  published_on date,
  title text not null,
  abstract text not null,
  authors text[] not null,
  organization text,
  categories text[] not null,
  code_url text,
  project_url text,
  primary key (paper_id, revision)
);

create table listings (
  paper_id bigint not null references papers,
  source text not null,
  -- The arXiv category that announced it; empty for other sources.
  section text not null default '',
  kind text not null check (kind in ('daily', 'new', 'cross', 'replace', 'replace-cross')),
  listed_on date not null,
  seen_at timestamptz not null,
  primary key (paper_id, source, section, listed_on)
);
create index listings_by_day on listings (listed_on desc, source, paper_id);

-- One row for each thing to poll: huggingface, arxiv cs.CL, ... What is due, and how the last poll went.
create table sources (
  name text primary key,
  next_poll_at timestamptz not null,
  lease_expires_at timestamptz,
  etag text,
  -- Names the batch last read, to tell an old one served again under a new date.
  batch_fingerprint text,
  batch_date date,
  polled_at timestamptz,
  succeeded_at timestamptz,
  failures integer not null default 0,
  last_error text,
  -- What the source said it has, and what we read of it, at the last poll that brought a new batch.
  expected integer,
  seen integer,
  skipped integer
);

-- One request at a time and a pause between two, for a host that asks for it, across all machines.
create table request_slots (
  host text primary key,
  free_at timestamptz not null
);
