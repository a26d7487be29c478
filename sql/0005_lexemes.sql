-- How written text becomes lexemes, for papers and for interests alike. A lexeme is
--   model        the stem of a word
--   =models      the word itself, for "begins so" and "just so"
--   finetun      the stem of two neighbours joined (`fine tuning`, `fine-tuning`), at the places of both
--   @kestrel     a word of the organisation
--   #cs.cl #cs   a category, and its archive
-- Every word counts, `of` and `the` too, so that `text-to-image` is not `text and image`.

create text search dictionary paper_stem (template = snowball, language = english);

create function spell_greek(folded text) returns text
language sql immutable strict parallel safe
return replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
  replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(folded,
  'α', ' alpha '), 'β', ' beta '), 'γ', ' gamma '), 'δ', ' delta '), 'ε', ' epsilon '), 'ζ', ' zeta '),
  'η', ' eta '), 'θ', ' theta '), 'ι', ' iota '), 'κ', ' kappa '), 'λ', ' lambda '), 'μ', ' mu '),
  'ν', ' nu '), 'ξ', ' xi '), 'ο', ' omicron '), 'π', ' pi '), 'ρ', ' rho '), 'σ', ' sigma '),
  'τ', ' tau '), 'υ', ' upsilon '), 'φ', ' phi '), 'χ', ' chi '), 'ψ', ' psi '), 'ω', ' omega ');

-- `S$^{2}$FT` is s2ft, `$\ell_1$` l1, `\textbf{L}arge` large, `$\alpha$` alpha: what a reader sees and types.
create function strip_tex(folded text) returns text
language sql immutable strict parallel safe
return replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(folded,
  '\\(?:text|math|emph|bf|it|rm|operatorname|boldsymbol|bm|mbox|left|right)[a-z]*\*?', '', 'g'),
  '\\ell(?![a-z])', 'l', 'g'),
  '\\(?:["''`^~=.]|[cvhkrubdt](?=\{[a-z]))', '', 'g'),
  '\}\s*\{', ' ', 'g'),
  '_(?=[0-9{])|[$^{}]', '', 'g'), '\', ' ');

-- Words with a space between them, and a hyphen where one was written inside a word. Compatibility forms, accents and case are
-- folded; what has no letters for it is spelt (`C++`, `C#`, `A*`, Greek); ideographs and syllables stand alone.
create or replace function fold_text(written text) returns text
language plpgsql immutable strict parallel safe
set search_path from current
as $$
declare
  folded text := lower(normalize(replace(replace(written, '---', ' '), '--', '-'), NFKC));
begin
  if folded ~ '[^\u0001-\u007f]' then
    folded := lower(normalize(regexp_replace(normalize(folded, NFKD), '[\u0300-\u036f]', '', 'g'), NFKC));
    folded := translate(folded, 'øłđðıς‐‑‒–−’ʼ' || U&'\00ad\200b\200c\200d\2060\feff', 'olddiσ-----''''');
    folded := replace(replace(replace(folded, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
    if folded ~ '[α-ω]' then
      folded := spell_greek(folded);
    end if;
    if folded ~ '[⺀-⿟぀-ヿ㐀-鿿가-힣]' then
      folded := regexp_replace(folded, '([⺀-⿟぀-ヿ㐀-鿿가-힣])', ' \1 ', 'g');
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
    '[\u0001-,./:-@[-`{-\u00bf×÷\u2000-\u206f\u2190-\u2bff\u3000-\u303f\ufe30-\ufe4f\uff00-\uff0f]+', ' ', 'g');
  return trim(regexp_replace(folded, '(?:^| )-+|-+(?= |$)|--+', ' ', 'g'));
end $$;

-- The stem of a folded word. The stemmer takes some words for one that mean different things (`transformer` and `transform`,
-- `organization` and `organ`, `university` and `universal`), and some for two that are one (`matrices`, `behaviour`): those are
-- named here, each with a lexeme of its own or with that of the other form. Not strict, so that it is inlined.
create function lexeme(word text) returns text
language sql immutable parallel safe
return coalesce(
  '{
    "university": "university", "universities": "university", "authority": "authority", "authorities": "authority",
    "majority": "majority", "minority": "minority", "minorities": "minority", "personality": "personality",
    "personalities": "personality", "relativity": "relativity", "reality": "reality", "locality": "locality",
    "transformer": "transformer", "transformers": "transformer", "adapter": "adapter", "adapters": "adapter",
    "adaptor": "adapter", "adaptors": "adapter", "objective": "objective", "objectives": "objective",
    "experience": "experience", "experiences": "experience", "experienced": "experience", "important": "important",
    "importance": "important", "importantly": "important", "engineering": "engineer", "engineer": "engineer",
    "engineers": "engineer", "engineered": "engineer", "meaning": "meaning", "meanings": "meaning",
    "formation": "formation", "formations": "formation", "several": "several", "internal": "internal",
    "relation": "relation", "relations": "relation", "relational": "relation", "relationship": "relation",
    "relationships": "relation", "organic": "organic",
    "matrices": "matrix", "vertices": "vertex", "vertexes": "vertex", "indices": "index", "indexes": "index",
    "appendices": "appendix", "vortices": "vortex", "cortices": "cortex", "simplices": "simplex",
    "analysis": "analysi", "analyses": "analysi", "analyse": "analysi", "analyze": "analysi", "analyzes": "analysi",
    "analysed": "analysi", "analyzed": "analysi", "analysing": "analysi", "analyzing": "analysi",
    "hypotheses": "hypothesi", "syntheses": "synthesi", "diagnoses": "diagnosi", "prognoses": "prognosi",
    "theses": "thesi", "crises": "crisi", "axes": "axi", "axis": "axi", "criteria": "criterion",
    "phenomena": "phenomenon", "corpora": "corpus", "data": "data", "datum": "data", "spectra": "spectrum",
    "optima": "optimum", "minima": "minimum", "maxima": "maximum", "automata": "automaton", "formulae": "formula",
    "genera": "genus", "loci": "locus", "stimuli": "stimulus", "nuclei": "nucleus", "radii": "radius", "foci": "focus",
    "alumni": "alumnus", "larvae": "larva", "antennae": "antenna", "mice": "mous", "feet": "foot", "children": "child",
    "men": "man", "women": "woman", "people": "peopl", "leaves": "leaf", "halves": "half", "lives": "life",
    "centre": "center", "centres": "center", "centred": "center", "fibre": "fiber", "fibres": "fiber", "metre": "meter",
    "metres": "meter", "litre": "liter", "theatre": "theater", "calibre": "caliber", "grey": "gray", "programme": "program",
    "programmes": "program", "catalogue": "catalog", "catalogues": "catalog", "dialogue": "dialog", "dialogues": "dialog",
    "defence": "defens", "defences": "defens", "offence": "offens", "licence": "licens", "artefact": "artifact",
    "artefacts": "artifact", "aluminium": "aluminum", "sulphur": "sulfur", "haemoglobin": "hemoglobin",
    "anaemia": "anemia", "tumour": "tumor", "tumours": "tumor", "colour": "color", "colours": "color",
    "coloured": "color", "colouring": "color", "behaviour": "behavior", "behaviours": "behavior",
    "behavioural": "behavior", "behavioral": "behavior", "neighbour": "neighbor", "neighbours": "neighbor",
    "neighbouring": "neighbor", "neighbourhood": "neighborhood", "neighbourhoods": "neighborhood", "labour": "labor",
    "favour": "favor", "favours": "favor", "favourable": "favor", "flavour": "flavor", "flavours": "flavor",
    "humour": "humor", "rumour": "rumor", "rumours": "rumor", "vapour": "vapor", "harbour": "harbor",
    "harbours": "harbor", "odour": "odor", "rigour": "rigor", "vigour": "vigor", "honour": "honor",
    "modelled": "model", "modelling": "model", "modeller": "model", "labelled": "label", "labelling": "label",
    "travelling": "travel", "travelled": "travel", "signalling": "signal", "channelling": "channel",
    "cancelling": "cancel", "cancelled": "cancel", "tunnelling": "tunnel", "unlabelled": "unlabel", "fulfil": "fulfill"
  }'::jsonb ->> word,
  case
    when (word like '%iz%' or word like '%is%') and word ~ '^[a-z]{3,}i[sz](?:e|es|ed|ing|er|ers|able|ation|ations|ational)$'
      then regexp_replace(word, 'i[sz](?:e|es|ed|ing|er|ers|able|ation|ations|ational)$', 'ize')
    else (ts_lexize('paper_stem', left(word, 100)))[1]
  end,
  word);

-- Words that join sentences, not meanings: `in` before `variance` is no `invariance`. Written with a hyphen they do join.
create function is_linking(word text) returns boolean
language sql immutable parallel safe
return word = any(
  '{a,an,the,and,or,of,to,for,with,by,is,are,was,were,be,been,we,it,its,this,that,these,those,as,at,from,our,their,which,can,such,
    has,have,had,not,but,they,i,in,on,than,then,also,both,each,more,most,via,into,between,how,what,when,where,while,who,will,does,
    do,may,s,t}'::text[]);

drop index papers_vector;
alter table papers drop column vector;
drop function paper_vector, paper_field, after_gap, joined_words;
drop text search configuration paper_words;

-- Weights name the fields: A title, B authors, C categories and organisation, D abstract. Between two fields lies a gap of
-- positions, so that no phrase runs from one into the next, nor from one author into another; these come last, because positions
-- end at 16,383.
-- At most so many characters of each count: folding can make one of them into many, and a tsvector holds 1 MB. All in one
-- statement, because to start one costs more than what it does for a short field.
create function paper_vector(title text, authors text[], organization text, categories text[], abstract text)
returns tsvector
language sql immutable parallel safe
begin atomic
  with fields (field, label, joins, folded) as (
    values
      (1, 'A', true, left(fold_text(left(title, 5000)), 5000)),
      (2, 'D', true, left(fold_text(left(abstract, 50000)), 50000)),
      (3, 'C', false, left(fold_text(left(organization, 1000)), 1000)),
      (4, 'C', false, left(fold_text(left(array_to_string(categories, ' . '), 5000)), 5000))
    union all
    select 4 + place, 'B', false, left(fold_text(left(author, 200)), 200) from unnest(authors[1:4000]) with ordinality as a (author, place)
  ),
  words as (
    select field, label, joins, left(word, 100) as word, left(replace(chunk, '-', ''), 100) as joined, part,
      least(row_number() over in_order + least(field, 5) * 16 + field, 16383) as position,
      lead(left(word, 100)) over in_field as following, lead(part) over in_field as next_part
    from fields
    cross join string_to_table(folded, ' ') with ordinality as c (chunk, place)
    cross join string_to_table(chunk, '-') with ordinality as p (word, part)
    where word <> ''
    window in_order as (order by field, place, part), in_field as (partition by field order by place, part)
  )
  select coalesce(string_agg('''' || entry || ''':' || places, ' '), '')::tsvector
  from (
    select lexeme(word) as entry, position || label as places from words
    union all
    select '=' || word, position || label from words
    union all
    select lexeme(word || following), position || label || ',' || least(position + 1, 16383) || label from words
    where joins and not is_linking(word) and not is_linking(following)
      and length(word) + length(following) <= 20 and least(length(word), length(following)) <= 7
      and (word || following) ~ '[^0-9]'
    union all
    select unnest(array[lexeme(joined), '=' || joined]), position || label from words where part = 1 and next_part = 2
    union all
    select '@' || lexeme(word), position || label from words where field = 3
    union all
    select '#' || regexp_replace(name, '[^a-z0-9.-]', '', 'g'), '1C'
    from unnest(categories) as category cross join unnest(array[lower(category), split_part(lower(category), '.', 1)]) as name
  ) as entries;
end;

alter table papers add column vector tsvector
  generated always as (paper_vector(title, authors, organization, categories, abstract)) stored;
create index papers_vector on papers using gin (vector);

-- ANALYZE counts the lexemes for us (see `interests/rarity.ts`): enough of them to know the common ones.
alter table papers alter column vector set statistics 500;
