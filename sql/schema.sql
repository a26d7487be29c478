-- Made by npm run schema from the migrations; a test fails when it drifts.

CREATE OR REPLACE FUNCTION public.count_move()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO '$user', 'public'
AS $function$
begin
  insert into row_counts values (tg_table_name, old.status, -1), (tg_table_name, new.status, 1);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.count_rows()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO '$user', 'public'
AS $function$
declare
  -- The column with the state.
  by_state constant text := tg_argv[0];
begin
  if tg_op = 'TRUNCATE' then
    insert into row_counts
    select relation, state, -sum(change) from row_counts where relation = tg_table_name group by 1, 2 having sum(change) <> 0;
  elsif tg_op = 'INSERT' then
    execute format('insert into row_counts select %L, %I, count(*) from added group by 2', tg_table_name, by_state);
  elsif tg_op = 'DELETE' then
    execute format('insert into row_counts select %L, %I, -count(*) from removed group by 2', tg_table_name, by_state);
  else
    execute format(
      'insert into row_counts select %1$L, state, sum(change)
       from (select %2$I as state, 1 as change from added union all select %2$I, -1 from removed) as moved
       group by 2 having sum(change) <> 0', tg_table_name, by_state);
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.fold_text(written text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO '$user', 'public'
AS $function$
declare
  folded text := normalize(replace(replace(written, '---', ' '), '--', '-'), NFKC);
begin
  if folded ~ '[A-Z0-9][A-Z]s' then
    folded := regexp_replace(folded, '([A-Z0-9][A-Z])s(?![A-Za-z0-9])', '\1', 'g');
  end if;
  folded := lower(folded);
  if folded ~ '[^\u0001-\u007f]' then
    folded := lower(normalize(regexp_replace(normalize(folded, NFKD), '[\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f]', '', 'g'), NFKC));
    folded := translate(folded, 'øłđðıς‐‑‒–−’ʼ' || U&'\00ad\200b\200c\200d\2060\feff', 'olddiσ-----''''');
    folded := replace(replace(replace(folded, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
    folded := regexp_replace(folded,
      '[\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05f3\u05f4\u0609-\u060d\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u20a0-\u20cf\u2100-\u218f\ue000-\uf8ff\ufff0-\uffff\U0001d000-\U0001d3ff\U0001f000-\U0001fbef\U000e0000-\U0010ffff]+',
      ' ', 'g');
    if folded ~ '[α-ω]' then
      folded := spell_greek(folded);
    end if;
    if folded ~ '[⺀-⿟々〇぀-ヿ㐀-鿿가-힣\U00020000-\U0003ffff]' then
      folded := regexp_replace(folded, '([⺀-⿟々〇぀-ヿ㐀-鿿가-힣\U00020000-\U0003ffff])', ' \1 ', 'g');
    end if;
  end if;
  if folded ~ '[\\$^{}_]' then
    folded := strip_tex(folded);
  end if;
  if folded ~ '[a-z](?:\+\+|#|\*)' then
    folded := regexp_replace(folded, '(?<![a-z0-9])([a-z])\+\+', '\1plusplus ', 'g');
    folded := regexp_replace(folded, '(?<![a-z0-9])([a-z])#', '\1sharp ', 'g');
    folded := regexp_replace(folded, '(?<![a-z0-9])([a-z])\*(?![a-z0-9])', '\1star ', 'g');
  end if;
  if folded ~ '''' then
    folded := regexp_replace(folded, '''s(?![a-z0-9])', '', 'g');
  end if;
  folded := regexp_replace(folded,
    '[\u0001-,./:-@[-`{-\u00bf×÷\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3006\u3008-\u303f\ufe30-\ufe4f\uff00-\uff0f]+', ' ', 'g');
  folded := trim(regexp_replace(folded, '(?:^| )-+|-+(?= |$)|--+', ' ', 'g'));
  return regexp_replace(folded, '\m([bcdfghjklmnpqrstvwxz]{3,}|[cgnt]pu|vla)s\M', '\1', 'g');
end $function$
;

CREATE OR REPLACE FUNCTION public.is_linking(word text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (word = ANY ('{a,an,the,and,or,of,to,for,with,by,is,are,was,were,be,been,we,it,its,this,that,these,those,as,at,from,our,their,which,can,such,has,have,had,not,but,they,i,in,on,than,then,also,both,each,more,most,via,into,between,how,what,when,where,while,who,will,does,do,may,s,t}'::text[]))
;

CREATE OR REPLACE FUNCTION public.lexeme(word text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN COALESCE(('{"men": "man", "axes": "axi", "axis": "axi", "data": "data", "feet": "foot", "foci": "focus", "grey": "gray", "lens": "lens", "loci": "locus", "mice": "mous", "buses": "bus", "datum": "data", "fibre": "fiber", "gases": "gas", "litre": "liter", "lives": "life", "metre": "meter", "odour": "odor", "radii": "radius", "women": "woman", "alumni": "alumnus", "centre": "center", "colour": "color", "crises": "crisi", "favour": "favor", "fibres": "fiber", "foetal": "fetal", "fulfil": "fulfill", "genera": "genus", "halves": "half", "honour": "honor", "humour": "humor", "labour": "labor", "larvae": "larva", "leaves": "leaf", "lenses": "lens", "maxima": "maximum", "metres": "meter", "minima": "minimum", "namely": "namely", "nature": "nature", "nuclei": "nucleus", "optima": "optimum", "people": "peopl", "rigour": "rigor", "rumour": "rumor", "theses": "thesi", "tumour": "tumor", "useful": "useful", "vapour": "vapor", "vigour": "vigor", "adapter": "adapter", "adaptor": "adapter", "anaemia": "anemia", "analyse": "analysi", "analyze": "analysi", "calibre": "caliber", "careful": "careful", "centred": "center", "centres": "center", "colours": "color", "corpora": "corpus", "defence": "defens", "digital": "digital", "evening": "evening", "factory": "factory", "favours": "favor", "federal": "federal", "fitness": "fitness", "flavour": "flavor", "handful": "handful", "harbour": "harbor", "harness": "harness", "illness": "illness", "indexes": "index", "indices": "index", "lateral": "lateral", "licence": "licens", "meaning": "meaning", "natures": "nature", "offence": "offens", "organic": "organic", "physics": "physics", "reality": "reality", "residue": "residue", "rumours": "rumor", "setting": "setting", "several": "several", "spectra": "spectrum", "stimuli": "stimulus", "sulphur": "sulfur", "theatre": "theater", "tumours": "tumor", "witness": "witness", "activate": "activation", "activity": "activity", "adapters": "adapter", "adaptors": "adapter", "analysed": "analysi", "analyses": "analysi", "analysis": "analysi", "analyzed": "analysi", "analyzes": "analysi", "antennae": "antenna", "artefact": "artifact", "automata": "automaton", "business": "business", "children": "child", "coloured": "color", "computer": "computer", "cortices": "cortex", "criteria": "criterion", "critical": "critical", "defences": "defens", "diagnose": "diagnosi", "dialogue": "dialog", "dynamics": "dynamics", "engineer": "engineer", "evenings": "evening", "flavours": "flavor", "formulae": "formula", "harbours": "harbor", "humanity": "humanity", "informal": "informal", "integral": "integral", "internal": "internal", "labelled": "label", "locality": "locality", "majority": "majority", "matrices": "matrix", "meanings": "meaning", "minority": "minority", "modelled": "model", "modeller": "model", "negation": "negation", "numerous": "numerous", "operator": "operator", "original": "original", "personal": "personal", "positive": "positive", "powerful": "powerful", "proposal": "proposal", "relation": "relation", "relative": "relative", "residues": "residue", "settings": "setting", "universe": "universe", "usefully": "useful", "vertexes": "vertex", "vertices": "vertex", "vortices": "vortex", "activated": "activation", "activates": "activation", "affective": "affective", "aluminium": "aluminum", "analysing": "analysi", "analyzing": "analysi", "artefacts": "artifact", "authority": "authority", "behaviour": "behavior", "cancelled": "cancel", "carefully": "careful", "catalogue": "catalog", "colouring": "color", "computers": "computer", "continual": "continual", "diagnosed": "diagnosi", "diagnoses": "diagnosi", "dialogues": "dialog", "digitally": "digital", "direction": "direction", "dynamical": "dynamics", "effective": "effective", "emergency": "emergency", "engineers": "engineer", "factories": "factory", "federally": "federal", "formation": "formation", "graphical": "graphical", "harnessed": "harness", "harnesses": "harness", "identical": "identical", "illnesses": "illness", "important": "important", "integrals": "integral", "integrity": "integrity", "internals": "internal", "ischaemia": "ischemia", "ischaemic": "ischem", "judgement": "judgment", "labelling": "label", "laterally": "lateral", "leukaemia": "leukemia", "mechanics": "mechanics", "modelling": "model", "negations": "negation", "neighbour": "neighbor", "objective": "objective", "operators": "operator", "phenomena": "phenomenon", "physician": "physician", "positives": "positive", "prognoses": "prognosi", "programme": "program", "proposals": "proposal", "relations": "relation", "simplices": "simplex", "syntheses": "synthesi", "travelled": "travel", "universes": "universe", "witnessed": "witness", "witnesses": "witness", "accessible": "accessible", "activating": "activation", "activation": "activation", "activities": "activity", "appendices": "appendix", "behavioral": "behavior", "behaviours": "behavior", "businesses": "business", "cancelling": "cancel", "catalogues": "catalog", "collective": "collective", "consistent": "consistent", "continuity": "continuous", "continuous": "continuous", "critically": "critical", "derivative": "derivative", "diagnosing": "diagnosi", "directions": "direction", "distribute": "distributed", "engineered": "engineer", "experience": "experience", "favourable": "favor", "formations": "formation", "government": "government", "harnessing": "harness", "humanities": "humanities", "hypotheses": "hypothesi", "importance": "important", "informally": "informal", "initiative": "initiative", "internally": "internal", "judgements": "judgment", "mechanical": "mechanics", "medication": "medication", "minorities": "minority", "neighbours": "neighbor", "objectives": "objective", "originally": "original", "paediatric": "pediatr", "personally": "personal", "physicians": "physician", "positively": "positive", "positivity": "positive", "powerfully": "powerful", "programmes": "program", "provenance": "provenance", "reasonable": "reasonable", "reasonably": "reasonable", "relational": "relation", "relatively": "relative", "relativity": "relativity", "signalling": "signal", "synthesise": "synthesi", "synthesize": "synthesi", "travelling": "travel", "tunnelling": "tunnel", "university": "university", "unlabelled": "unlabel", "usefulness": "useful", "accountable": "accountable", "activations": "activation", "anaesthesia": "anesthesia", "associative": "associative", "authorities": "authority", "behavioural": "behavior", "channelling": "channel", "consistency": "consistent", "continually": "continual", "derivatives": "derivative", "directional": "direction", "distributed": "distributed", "distributes": "distributed", "effectively": "effective", "emergencies": "emergency", "engineering": "engineer", "experienced": "experience", "experiences": "experience", "explanation": "explain", "governments": "government", "graphically": "graphical", "haemoglobin": "hemoglobin", "haemorrhage": "hemorrhag", "hypothesize": "hypothesi", "identically": "identical", "importantly": "important", "initiatives": "initiative", "medications": "medication", "objectively": "objective", "objectivity": "objective", "originality": "original", "orthopaedic": "orthoped", "paediatrics": "pediatr", "personality": "personality", "publication": "publication", "responsible": "responsible", "responsibly": "responsible", "satisfiable": "satisfiable", "synthesised": "synthesi", "synthesises": "synthesi", "synthesized": "synthesi", "synthesizes": "synthesi", "transformer": "transformer", "variational": "variational", "collectively": "collective", "consistently": "consistent", "continuously": "continuous", "conversation": "conversation", "differential": "differential", "distributing": "distributed", "explanations": "explain", "governmental": "government", "haemorrhages": "hemorrhag", "haemorrhagic": "hemorrhag", "hypothesized": "hypothesi", "hypothesizes": "hypothesi", "mechanically": "mechanics", "neighbouring": "neighbor", "orthopaedics": "orthoped", "publications": "publication", "relationship": "relation", "respectively": "respectively", "synthesising": "synthesi", "synthesizing": "synthesi", "transformers": "transformer", "universities": "university", "accessibility": "accessible", "associativity": "associative", "consistencies": "consistent", "conversations": "conversation", "demonstration": "demonstration", "differentials": "differential", "directionally": "direction", "effectiveness": "effective", "international": "international", "neighbourhood": "neighborhood", "personalities": "personality", "relationships": "relation", "specification": "specifi", "variationally": "variational", "accountability": "accountable", "conversational": "conversation", "demonstrations": "demonstration", "differentiable": "differentiable", "differentiably": "differentiable", "neighbourhoods": "neighborhood", "responsibility": "responsible", "satisfiability": "satisfiable", "specifications": "specifi", "internationally": "international", "conversationally": "conversation", "responsibilities": "responsible", "differentiability": "differentiable"}'::jsonb ->> word), CASE WHEN (((word ~~ '%iz%'::text) OR (word ~~ '%is%'::text)) AND (word ~ '^[a-z]{3,}i[sz](?:e|es|ed|ing|er|ers|able|ation|ations|ational)$'::text) AND (word !~ '(?:superv|rev|prec|conc|surpr|adv)is'::text)) THEN regexp_replace(word, 'i[sz](?:e|es|ed|ing|er|ers|able|ation|ations|ational)$'::text, 'ize'::text) ELSE (ts_lexize('paper_stem'::regdictionary, "left"(word, 100)))[1] END, word)
;

CREATE OR REPLACE FUNCTION public.paper_vector(title text, authors text[], organization text, categories text[], abstract text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET plan_cache_mode TO 'force_generic_plan'
BEGIN ATOMIC
 WITH fields(field, label, joins, folded) AS (
          VALUES (1,'A'::text,true,"left"(fold_text("left"(paper_vector.title, 5000)), 5000)), (2,'D'::text,true,"left"(fold_text("left"(paper_vector.abstract, 50000)), 50000)), (3,'C'::text,true,"left"(fold_text("left"(paper_vector.organization, 1000)), 1000)), (4,'C'::text,false,"left"(fold_text("left"(array_to_string(paper_vector.categories, ' . '::text), 5000)), 5000))
         UNION ALL
          SELECT (4 + a.place),
             'B'::text,
             true,
             "left"(fold_text("left"(a.author, 200)), 200) AS "left"
            FROM unnest((paper_vector.authors)[1:4000]) WITH ORDINALITY a(author, place)
         ), words AS (
          SELECT fields.field,
             fields.label,
             fields.joins,
             "left"(p.word, 100) AS word,
             "left"(replace(c.chunk, '-'::text, ''::text), 100) AS joined,
             p.part,
             LEAST(((row_number() OVER in_order + (LEAST(fields.field, (5)::bigint) * 16)) + fields.field), (16383)::bigint) AS "position",
             lead("left"(p.word, 100)) OVER in_field AS following,
             lead(p.part) OVER in_field AS next_part
            FROM ((fields
              CROSS JOIN LATERAL string_to_table(fields.folded, ' '::text) WITH ORDINALITY c(chunk, place))
              CROSS JOIN LATERAL string_to_table(c.chunk, '-'::text) WITH ORDINALITY p(word, part))
           WHERE (p.word <> ''::text)
           WINDOW in_order AS (ORDER BY fields.field, c.place, p.part), in_field AS (PARTITION BY fields.field ORDER BY c.place, p.part)
         ), compounds AS (
          SELECT words.field,
             (words.word || words.following) AS compound,
             (words.field > 4) AS as_written,
             ((((words."position" || words.label) || ','::text) || LEAST((words."position" + 1), (16383)::bigint)) || words.label) AS places
            FROM words
           WHERE (words.joins AND (NOT is_linking(words.word)) AND (NOT is_linking(words.following)) AND ((length(words.word) + length(words.following)) <= 20) AND (LEAST(length(words.word), length(words.following)) <= 7) AND ((words.word || words.following) ~ '[^0-9]'::text))
         UNION ALL
          SELECT words.field,
             words.joined,
             true,
             (words."position" || words.label)
            FROM words
           WHERE (((words.part = 1) AND (words.next_part = 2)) OR ((words.part > 1) AND (words.next_part IS DISTINCT FROM (words.part + 1))))
         )
  SELECT (COALESCE(string_agg((((''''::text || entries.entry) || ''':'::text) || entries.places), ' '::text), ''::text))::tsvector AS "coalesce"
    FROM ( SELECT lexeme(words.word) AS entry,
             (words."position" || words.label) AS places
            FROM words
         UNION ALL
          SELECT ('='::text || words.word),
             (words."position" || words.label)
            FROM words
         UNION ALL
          SELECT lexeme(compounds.compound) AS lexeme,
             compounds.places
            FROM compounds
         UNION ALL
          SELECT ('='::text || compounds.compound),
             compounds.places
            FROM compounds
           WHERE compounds.as_written
         UNION ALL
          SELECT unnest(ARRAY[('@'::text || lexeme(words.word)), ('@='::text || words.word)]) AS unnest,
             (words."position" || words.label)
            FROM words
           WHERE (words.field = 3)
         UNION ALL
          SELECT unnest(ARRAY[('@'::text || lexeme(compounds.compound)), ('@='::text || compounds.compound)]) AS unnest,
             compounds.places
            FROM compounds
           WHERE (compounds.field = 3)
         UNION ALL
          SELECT ('#'::text || regexp_replace(name.name, '[^a-z0-9.-]'::text, ''::text, 'g'::text)),
             '1C'::text
            FROM (unnest(paper_vector.categories) category(category)
              CROSS JOIN LATERAL unnest(ARRAY[lower(category.category), split_part(lower(category.category), '.'::text, 1)]) name(name))) entries;
END
;

CREATE OR REPLACE FUNCTION public.spell_greek(folded text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(folded, 'α'::text, ' alpha '::text), 'β'::text, ' beta '::text), 'γ'::text, ' gamma '::text), 'δ'::text, ' delta '::text), 'ε'::text, ' epsilon '::text), 'ζ'::text, ' zeta '::text), 'η'::text, ' eta '::text), 'θ'::text, ' theta '::text), 'ι'::text, ' iota '::text), 'κ'::text, ' kappa '::text), 'λ'::text, ' lambda '::text), 'μ'::text, ' mu '::text), 'ν'::text, ' nu '::text), 'ξ'::text, ' xi '::text), 'ο'::text, ' omicron '::text), 'π'::text, ' pi '::text), 'ρ'::text, ' rho '::text), 'σ'::text, ' sigma '::text), 'τ'::text, ' tau '::text), 'υ'::text, ' upsilon '::text), 'φ'::text, ' phi '::text), 'χ'::text, ' chi '::text), 'ψ'::text, ' psi '::text), 'ω'::text, ' omega '::text)
;

CREATE OR REPLACE FUNCTION public.strip_tex(folded text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(folded, '\\(?:text|math|emph|bf|it|rm|operatorname|boldsymbol|bm|mbox|left|right)[a-z]*\*?'::text, ''::text, 'g'::text), '\\ell(?![a-z])'::text, 'l'::text, 'g'::text), '\\(?:ast|star)(?![a-z])'::text, '*'::text, 'g'::text), '\\(?:["''`^~=.]|[cvhkrubdt](?=\{[a-z])|var(?=epsilon|theta|phi|rho|sigma|pi|kappa))'::text, ''::text, 'g'::text), '\}\s*\{'::text, ' '::text, 'g'::text), '_(?=[0-9{])|[$^{}]'::text, ''::text, 'g'::text), '\'::text, ' '::text)
;

CREATE OR REPLACE FUNCTION public.trend(upvotes integer, comments integer, published_on date, first_seen_at timestamp with time zone)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((ln((((1 + COALESCE(upvotes, 0)) + (2 * COALESCE(comments, 0))))::double precision) / ln((2)::double precision)) + ((EXTRACT(epoch FROM LEAST((first_seen_at AT TIME ZONE 'UTC'::text), (published_on + '7 days'::interval))))::double precision / ((3 * 86400))::double precision))
;

create table acronyms (
  short text not null,
  long text not null,
  short_written text not null,
  long_written text not null,
  papers integer not null,
  all_papers integer default 0 not null,
  chosen boolean default false not null,
  constraint acronyms_pkey PRIMARY KEY (short, long)
);
CREATE INDEX acronyms_by_long ON public.acronyms USING btree (split_part(long, ' '::text, 1)) WHERE chosen;

create table address_changes (
  id bigint generated always as identity not null,
  subscriber_id bigint not null,
  old_email text not null,
  new_email text not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  undone_at timestamp with time zone,
  constraint address_changes_pkey PRIMARY KEY (id),
  constraint address_changes_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX address_changes_by_subscriber ON public.address_changes USING btree (subscriber_id, created_at);
CREATE INDEX address_changes_unconfirmed ON public.address_changes USING btree (created_at) WHERE (confirmed_at IS NULL);

create table batch_ranges (
  batch_id bigint not null,
  first_query_id bigint not null,
  last_query_id bigint not null,
  done_at timestamp with time zone,
  constraint batch_ranges_pkey PRIMARY KEY (batch_id, first_query_id),
  constraint batch_ranges_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id) ON DELETE CASCADE
);

create table batches (
  id bigint generated always as identity not null,
  matched_at timestamp with time zone not null,
  papers integer not null,
  queries integer not null,
  matches integer not null,
  completed_at timestamp with time zone,
  constraint batches_pkey PRIMARY KEY (id)
);
CREATE INDEX batches_by_time ON public.batches USING btree (matched_at);
CREATE INDEX batches_open ON public.batches USING btree (id) WHERE (completed_at IS NULL);

create table digest_papers (
  subscriber_id bigint not null,
  paper_id bigint not null,
  digest_id bigint not null,
  constraint digest_papers_pkey PRIMARY KEY (subscriber_id, paper_id)
);

create table digest_pauses (
  paused_at timestamp with time zone not null,
  reason text not null,
  resumed_at timestamp with time zone
);
CREATE UNIQUE INDEX digest_pauses_in_force ON public.digest_pauses USING btree (((resumed_at IS NULL))) WHERE (resumed_at IS NULL);

create table digests (
  id bigint generated always as identity not null,
  subscriber_id bigint not null,
  local_date date not null,
  number integer not null,
  planned_at timestamp with time zone not null,
  matched integer not null,
  after_batch_id bigint not null,
  batch_id bigint not null,
  contents text not null,
  receipt_id bigint not null,
  constraint digests_subscriber_id_local_date_key UNIQUE (subscriber_id, local_date),
  constraint digests_pkey PRIMARY KEY (id)
);

create table interests (
  id bigint generated always as identity not null,
  subscriber_id bigint not null,
  query_id bigint not null,
  "position" smallint not null,
  typed text not null,
  created_at timestamp with time zone not null,
  since_batch_id bigint not null,
  constraint interests_subscriber_id_query_id_key UNIQUE (subscriber_id, query_id),
  constraint interests_pkey PRIMARY KEY (id),
  constraint interests_query_id_fkey FOREIGN KEY (query_id) REFERENCES queries(id),
  constraint interests_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX interests_by_query ON public.interests USING btree (query_id);

create table lexicon (
  rules integer not null,
  postgres integer not null
);

create table link_requests (
  id bigint generated always as identity not null,
  subscriber_id bigint,
  created_at timestamp with time zone not null,
  constraint link_requests_pkey PRIMARY KEY (id),
  constraint link_requests_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX link_requests_by_subscriber ON public.link_requests USING btree (subscriber_id, created_at);
CREATE INDEX link_requests_by_time ON public.link_requests USING btree (created_at);

create table listings (
  paper_id bigint not null,
  source text not null,
  section text default ''::text not null,
  kind text not null,
  listed_on date not null,
  seen_at timestamp with time zone not null,
  constraint listings_pkey PRIMARY KEY (paper_id, source, section, listed_on),
  constraint listings_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id),
  constraint listings_kind_check CHECK ((kind = ANY (ARRAY['daily'::text, 'new'::text, 'cross'::text, 'replace'::text, 'replace-cross'::text])))
);
CREATE INDEX listings_by_day ON public.listings USING btree (listed_on DESC, source, paper_id);

create table mail_lines (
  name text not null,
  free_at timestamp with time zone not null,
  places integer not null,
  constraint mail_lines_pkey PRIMARY KEY (name)
);

create table mailbox (
  id bigint generated always as identity not null,
  received_at timestamp with time zone not null,
  sender text not null,
  recipients text[] not null,
  source bytea not null,
  constraint mailbox_pkey PRIMARY KEY (id)
);

create table migrations (
  name text not null,
  checksum text not null,
  constraint migrations_pkey PRIMARY KEY (name)
);

create table muted_interests (
  subscriber_id bigint not null,
  canonical text not null,
  typed text not null,
  muted_at timestamp with time zone not null,
  constraint muted_interests_pkey PRIMARY KEY (subscriber_id, canonical),
  constraint muted_interests_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);

create table near_misses (
  query_id bigint not null,
  batch_id bigint not null,
  paper_id bigint not null,
  rank real not null,
  missing text not null,
  constraint near_misses_pkey PRIMARY KEY (query_id, batch_id),
  constraint near_misses_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint near_misses_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id),
  constraint near_misses_query_id_fkey FOREIGN KEY (query_id) REFERENCES queries(id) ON DELETE CASCADE
);
CREATE INDEX near_misses_by_batch ON public.near_misses USING btree (batch_id);

create table outbox (
  id bigint generated always as identity not null,
  kind text not null,
  subscriber_id bigint not null,
  subject_id bigint not null,
  email text not null,
  message_id text not null,
  state text default 'queued'::text not null,
  priority smallint not null,
  created_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  attempts integer default 0 not null,
  lease_holder text,
  lease_expires_at timestamp with time zone,
  settled_at timestamp with time zone,
  result text,
  lane text,
  refused_at timestamp with time zone,
  constraint outbox_subscriber_id_kind_subject_id_key UNIQUE (subscriber_id, kind, subject_id),
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_kind_check CHECK ((kind = ANY (ARRAY['confirm'::text, 'digest'::text, 'welcome'::text, 'preferences-link'::text, 'address-change'::text, 'address-changed'::text, 'goodbye'::text]))),
  constraint outbox_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'unknown'::text, 'cancelled'::text])))
);
CREATE INDEX outbox_cancelled ON public.outbox USING btree (settled_at) WHERE (state = 'cancelled'::text);
CREATE INDEX outbox_due ON public.outbox USING btree (priority, due_at, id) WHERE ((state = 'queued'::text) AND (lane IS NULL));
CREATE INDEX outbox_expiring ON public.outbox USING btree (expires_at) WHERE (state = 'queued'::text);
CREATE INDEX outbox_failed ON public.outbox USING btree (settled_at) WHERE (state = 'failed'::text);
CREATE INDEX outbox_lanes ON public.outbox USING btree (lane, priority, due_at, id) WHERE ((state = 'queued'::text) AND (lane IS NOT NULL));
CREATE INDEX outbox_leased ON public.outbox USING btree (lease_expires_at) WHERE (state = ANY (ARRAY['sending'::text, 'unknown'::text]));
CREATE INDEX outbox_refused ON public.outbox USING btree (refused_at) WHERE (refused_at IS NOT NULL);
CREATE INDEX outbox_retried ON public.outbox USING btree (id) WHERE ((state = ANY (ARRAY['queued'::text, 'unknown'::text])) AND (result IS NOT NULL));
CREATE INDEX outbox_sent ON public.outbox USING btree (settled_at) WHERE (state = 'sent'::text);
CREATE TRIGGER count_added AFTER INSERT ON public.outbox REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_rows('state');
CREATE TRIGGER count_moved AFTER UPDATE ON public.outbox REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_rows('state');
CREATE TRIGGER count_removed AFTER DELETE ON public.outbox REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_rows('state');
CREATE TRIGGER count_truncated AFTER TRUNCATE ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION count_rows('state');

create table paper_news (
  id bigint generated always as identity not null,
  paper_id bigint not null,
  kind text not null,
  batch_id bigint,
  noted_at timestamp with time zone not null,
  constraint paper_news_pkey PRIMARY KEY (id),
  constraint paper_news_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint paper_news_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id) ON DELETE CASCADE,
  constraint paper_news_kind_check CHECK ((kind = ANY (ARRAY['version'::text, 'code'::text, 'votes'::text])))
);
CREATE INDEX paper_news_by_batch ON public.paper_news USING btree (batch_id);
CREATE INDEX paper_news_by_time ON public.paper_news USING btree (noted_at);
CREATE UNIQUE INDEX paper_news_once ON public.paper_news USING btree (paper_id, kind) WHERE (kind <> 'version'::text);

create table paper_revisions (
  paper_id bigint not null,
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
  constraint paper_revisions_pkey PRIMARY KEY (paper_id, revision),
  constraint paper_revisions_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id)
);

create table papers (
  id bigint generated always as identity not null,
  arxiv_id text,
  doi text,
  title_key text not null,
  title text not null,
  abstract text default ''::text not null,
  authors text[] default '{}'::text[] not null,
  organization text,
  categories text[] default '{}'::text[] not null,
  comment text,
  published_on date,
  version integer default 1 not null,
  authority smallint not null,
  revision integer default 1 not null,
  upvotes integer,
  comments integer,
  code_url text,
  project_url text,
  first_seen_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  batch_id bigint,
  slug text generated always as (COALESCE(arxiv_id, (id)::text)) stored,
  vector tsvector generated always as (paper_vector(title, authors, organization, categories, abstract)) stored,
  day date generated always as (COALESCE(published_on, ((first_seen_at AT TIME ZONE 'UTC'::text))::date)) stored,
  was_matched boolean default false not null,
  constraint papers_arxiv_id_key UNIQUE (arxiv_id),
  constraint papers_pkey PRIMARY KEY (id),
  constraint papers_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id)
);
CREATE INDEX papers_by_day ON public.papers USING btree (day, id);
CREATE INDEX papers_by_trend ON public.papers USING btree (trend(upvotes, comments, published_on, first_seen_at), id);
CREATE INDEX papers_doi ON public.papers USING btree (doi) WHERE (doi IS NOT NULL);
CREATE INDEX papers_first_seen ON public.papers USING btree (first_seen_at, id);
CREATE INDEX papers_slug ON public.papers USING btree (slug);
CREATE INDEX papers_title_key ON public.papers USING btree (title_key);
CREATE INDEX papers_unmatched ON public.papers USING btree (id) WHERE (batch_id IS NULL);
CREATE INDEX papers_vector ON public.papers USING gin (vector);

create table planning_failures (
  subscriber_id bigint not null,
  reason text not null,
  times integer not null,
  failed_at timestamp with time zone not null,
  retry_at timestamp with time zone not null,
  constraint planning_failures_pkey PRIMARY KEY (subscriber_id),
  constraint planning_failures_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);

create table queries (
  id bigint generated always as identity not null,
  canonical text not null,
  expression text not null,
  created_at timestamp with time zone not null,
  batch_id bigint,
  also text[] default '{}'::text[] not null,
  lexemes text[] default '{}'::text[] not null,
  unheld_since timestamp with time zone,
  constraint queries_pkey PRIMARY KEY (id),
  constraint queries_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id)
);
CREATE INDEX queries_by_batch ON public.queries USING btree (batch_id);
CREATE UNIQUE INDEX queries_by_canonical ON public.queries USING btree (md5(canonical));
CREATE INDEX queries_unheld ON public.queries USING btree (unheld_since) WHERE (unheld_since IS NOT NULL);
CREATE INDEX queries_unmatched ON public.queries USING btree (id) WHERE (batch_id IS NULL);

create table query_hits (
  query_id bigint not null,
  batch_id bigint not null,
  hits integer not null,
  paper_ids bigint[] not null,
  ranks real[] not null,
  constraint query_hits_pkey PRIMARY KEY (query_id, batch_id),
  constraint query_hits_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint query_hits_query_id_fkey FOREIGN KEY (query_id) REFERENCES queries(id) ON DELETE CASCADE,
  constraint query_hits_check CHECK ((cardinality(paper_ids) = cardinality(ranks)))
);

create table receipts (
  id bigint generated always as identity not null,
  receipt text not null,
  problems text[] default '{}'::text[] not null,
  constraint receipts_pkey PRIMARY KEY (id)
);

create table reports (
  subscriber_id bigint not null,
  outbox_id bigint,
  kind text not null,
  detail text not null,
  received_at timestamp with time zone not null,
  times integer default 1 not null,
  last_received_at timestamp with time zone not null,
  digest_id bigint,
  constraint reports_subscriber_id_outbox_id_kind_key UNIQUE NULLS NOT DISTINCT (subscriber_id, outbox_id, kind),
  constraint reports_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE,
  constraint reports_kind_check CHECK ((kind = ANY (ARRAY['hard'::text, 'soft'::text, 'complaint'::text, 'unsubscribe'::text, 'other'::text])))
);
CREATE INDEX reports_by_time ON public.reports USING btree (received_at);
CREATE INDEX reports_idle ON public.reports USING btree (received_at) WHERE (kind = 'other'::text);

create table request_slots (
  host text not null,
  free_at timestamp with time zone not null,
  constraint request_slots_pkey PRIMARY KEY (host)
);

create table row_counts (
  relation text not null,
  state text not null,
  change bigint not null
);

create table sending_pause (
  only_one boolean default true not null,
  reason text not null,
  mail_id bigint,
  since timestamp with time zone not null,
  until timestamp with time zone not null,
  times integer not null,
  constraint sending_pause_pkey PRIMARY KEY (only_one),
  constraint sending_pause_only_one_check CHECK (only_one)
);

create table sources (
  name text not null,
  next_poll_at timestamp with time zone not null,
  lease_expires_at timestamp with time zone,
  etag text,
  batch_fingerprint text,
  batch_date date,
  polled_at timestamp with time zone,
  succeeded_at timestamp with time zone,
  failures integer default 0 not null,
  last_error text,
  expected integer,
  seen integer,
  skipped integer,
  constraint sources_pkey PRIMARY KEY (name)
);

create table subscribers (
  id bigint generated always as identity not null,
  email text not null,
  email_key text not null,
  status text not null,
  cadence text default 'daily'::text not null,
  weekday smallint default 1 not null,
  hour smallint default 8 not null,
  timezone text default 'UTC'::text not null,
  trending boolean default true not null,
  paper_limit smallint default 10 not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  unsubscribed_at timestamp with time zone,
  next_due_at timestamp with time zone,
  planned_at timestamp with time zone,
  planned_batch_id bigint default 0 not null,
  editions integer default 0 not null,
  served_on date,
  paused_until date,
  votes integer default 0 not null,
  all_is_well boolean default false not null,
  moves integer default 0 not null,
  notes boolean default false not null,
  constraint subscribers_email_key_key UNIQUE (email_key),
  constraint subscribers_pkey PRIMARY KEY (id),
  constraint subscribers_cadence_check CHECK ((cadence = ANY (ARRAY['daily'::text, 'weekdays'::text, 'weekly'::text]))),
  constraint subscribers_check CHECK (((status <> 'active'::text) OR (next_due_at IS NOT NULL))),
  constraint subscribers_hour_check CHECK (((hour >= 0) AND (hour <= 23))),
  constraint subscribers_paper_limit_check CHECK (((paper_limit >= 1) AND (paper_limit <= 50))),
  constraint subscribers_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'paused'::text, 'unsubscribed'::text, 'suppressed'::text]))),
  constraint subscribers_weekday_check CHECK (((weekday >= 1) AND (weekday <= 7)))
);
CREATE INDEX subscribers_due ON public.subscribers USING btree (next_due_at, id) WHERE (status = 'active'::text);
CREATE INDEX subscribers_first_due ON public.subscribers USING btree (next_due_at, id) WHERE ((status = 'active'::text) AND (planned_at IS NULL));
CREATE INDEX subscribers_unconfirmed ON public.subscribers USING btree (created_at) WHERE (confirmed_at IS NULL);
CREATE TRIGGER count_added AFTER INSERT ON public.subscribers REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_rows('status');
CREATE TRIGGER count_moved AFTER UPDATE OF status ON public.subscribers FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION count_move();
CREATE TRIGGER count_removed AFTER DELETE ON public.subscribers REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_rows('status');
CREATE TRIGGER count_truncated AFTER TRUNCATE ON public.subscribers FOR EACH STATEMENT EXECUTE FUNCTION count_rows('status');

create table subscription_requests (
  id bigint generated always as identity not null,
  subscriber_id bigint not null,
  preferences jsonb not null,
  is_change boolean not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  constraint subscription_requests_pkey PRIMARY KEY (id),
  constraint subscription_requests_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX subscription_requests_by_subscriber ON public.subscription_requests USING btree (subscriber_id, created_at);
CREATE INDEX subscription_requests_by_time ON public.subscription_requests USING btree (created_at);

create table suppressions (
  address_hash bytea not null,
  reason text not null,
  created_at timestamp with time zone not null,
  constraint suppressions_pkey PRIMARY KEY (address_hash)
);

create table tokens (
  hash bytea not null,
  purpose text not null,
  subscriber_id bigint not null,
  subject_id bigint,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  mailed_to text,
  constraint tokens_pkey PRIMARY KEY (hash),
  constraint tokens_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX tokens_by_subscriber ON public.tokens USING btree (subscriber_id);
CREATE INDEX tokens_expiring ON public.tokens USING btree (expires_at) WHERE (expires_at IS NOT NULL);

create table votes (
  subscriber_id bigint not null,
  paper_id bigint not null,
  liked boolean not null,
  voted_at timestamp with time zone not null,
  constraint votes_pkey PRIMARY KEY (subscriber_id, paper_id),
  constraint votes_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id),
  constraint votes_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);

create view digest_entries as
 SELECT d.id AS digest_id,
    e.place,
        CASE
            WHEN ((e.entry ->> 'near'::text) IS NULL) THEN ((w.interest ->> 'query'::text))::bigint
            ELSE NULL::bigint
        END AS query_id,
    (w.interest ->> 'typed'::text) AS interest,
    v.paper_id,
    COALESCE(v.arxiv_id, (v.paper_id)::text) AS slug,
    v.title,
    (e.entry ->> 'taste'::text) AS taste,
    ((e.entry ->> 'near'::text) IS NOT NULL) AS is_near
   FROM (((digests d
     CROSS JOIN LATERAL json_array_elements(((d.contents)::json -> 'papers'::text)) WITH ORDINALITY e(entry, place))
     CROSS JOIN LATERAL ( SELECT (((d.contents)::json -> 'interests'::text) -> ((e.entry ->> 'interest'::text))::integer) AS interest) w)
     JOIN paper_versions v ON (((v.paper_id = ((e.entry ->> 'paper'::text))::bigint) AND (v.revision = COALESCE(((e.entry ->> 'revision'::text))::integer, 1)))));

create view matches as
 SELECT h.query_id,
    m.paper_id,
    h.batch_id,
    m.rank
   FROM (query_hits h
     CROSS JOIN LATERAL UNNEST(h.paper_ids, h.ranks) m(paper_id, rank));

create view paper_versions as
 SELECT paper_revisions.paper_id,
    paper_revisions.revision,
    paper_revisions.arxiv_id,
    paper_revisions.doi,
    paper_revisions.published_on,
    paper_revisions.title,
    paper_revisions.abstract,
    paper_revisions.authors,
    paper_revisions.organization,
    paper_revisions.categories,
    paper_revisions.code_url,
    paper_revisions.project_url
   FROM paper_revisions
UNION ALL
 SELECT papers.id AS paper_id,
    papers.revision,
    papers.arxiv_id,
    papers.doi,
    papers.published_on,
    papers.title,
    papers.abstract,
    papers.authors,
    papers.organization,
    papers.categories,
    papers.code_url,
    papers.project_url
   FROM papers;
