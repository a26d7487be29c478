-- What papers in the thousands, put beside a second reading of them, taught about lexemes. Beyond what 0005 says:
--   in-place      its joined form stands at the places of its first word and of its last
--   @huggingfac   neighbours in an organisation join, too, and so do those of an author's name
--   @=hugging     a word of the organisation itself, for "begins so" and "just so"
--   =lecun        of authors the joined form as it is written, too: names are looked for unstemmed, for Jianing is not Jian

create or replace function strip_tex(folded text) returns text
language sql immutable strict parallel safe
return replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(folded,
  '\\(?:text|math|emph|bf|it|rm|operatorname|boldsymbol|bm|mbox|left|right)[a-z]*\*?', '', 'g'),
  '\\ell(?![a-z])', 'l', 'g'),
  '\\(?:ast|star)(?![a-z])', '*', 'g'),
  '\\(?:["''`^~=.]|[cvhkrubdt](?=\{[a-z])|var(?=epsilon|theta|phi|rho|sigma|pi|kappa))', '', 'g'),
  '\}\s*\{', ' ', 'g'),
  '_(?=[0-9{])|[$^{}]', '', 'g'), '\', ' ');

-- Signs that are no letters part words, whatever they stand next to (an emoji, a currency); what only says how the sign before it
-- looks, vanishes. `LLMs` and `GPUs` are `LLM` and `GPU`, but the stemmer leaves an s that has no vowel before it, or one right
-- before it. So an s behind capitals belongs to no word, nor does one, in lower case, behind three consonants or more. `DNS` and
-- `tts` are no plural.
create or replace function fold_text(written text) returns text
language plpgsql immutable strict parallel safe
set search_path from current
as $$
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
end $$;

-- More words that the stemmer takes for one with another (`positive` and `position`, `continual` and `continuous`, `effective` and
-- `effect`, `demonstration` and the `we demonstrate` of every second abstract) or tells apart from their own (`synthesize` and
-- `synthesis`). What ends in -ise but never in -ize (`supervise`, `precise`) is left to it.
create or replace function lexeme(word text) returns text
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
    "cancelling": "cancel", "cancelled": "cancel", "tunnelling": "tunnel", "unlabelled": "unlabel", "fulfil": "fulfill",
    "positive": "positive", "positives": "positive", "positively": "positive", "positivity": "positive",
    "emergency": "emergency", "emergencies": "emergency", "publication": "publication", "publications": "publication",
    "internals": "internal", "internally": "internal", "international": "international", "internationally": "international",
    "humanity": "humanity", "humanities": "humanities", "lateral": "lateral", "laterally": "lateral",
    "provenance": "provenance", "continual": "continual", "continually": "continual", "continuous": "continuous",
    "continuously": "continuous", "continuity": "continuous", "integrity": "integrity", "integral": "integral",
    "integrals": "integral", "activation": "activation", "activations": "activation", "activate": "activation",
    "activates": "activation", "activated": "activation", "activating": "activation", "activity": "activity",
    "activities": "activity", "responsible": "responsible", "responsibly": "responsible", "responsibility": "responsible",
    "responsibilities": "responsible", "computer": "computer", "computers": "computer", "informal": "informal",
    "informally": "informal", "effective": "effective", "effectively": "effective", "effectiveness": "effective",
    "objectively": "objective", "objectivity": "objective", "relative": "relative", "relatively": "relative",
    "physics": "physics", "physician": "physician", "physicians": "physician", "mechanics": "mechanics",
    "mechanical": "mechanics", "mechanically": "mechanics", "graphical": "graphical", "graphically": "graphical",
    "operator": "operator", "operators": "operator", "personal": "personal", "personally": "personal",
    "distributed": "distributed", "distribute": "distributed", "distributes": "distributed", "distributing": "distributed",
    "derivative": "derivative", "derivatives": "derivative", "proposal": "proposal", "proposals": "proposal",
    "setting": "setting", "settings": "setting", "useful": "useful", "usefully": "useful", "usefulness": "useful",
    "demonstration": "demonstration", "demonstrations": "demonstration", "consistent": "consistent",
    "consistently": "consistent", "consistency": "consistent", "consistencies": "consistent", "reasonable": "reasonable",
    "reasonably": "reasonable", "direction": "direction", "directions": "direction", "directional": "direction",
    "directionally": "direction", "critical": "critical", "critically": "critical", "nature": "nature", "natures": "nature",
    "specification": "specifi", "specifications": "specifi", "factory": "factory", "factories": "factory", "federal": "federal",
    "federally": "federal", "conversation": "conversation", "conversations": "conversation", "conversational": "conversation",
    "conversationally": "conversation", "government": "government", "governments": "government", "governmental": "government",
    "medication": "medication", "medications": "medication", "affective": "affective", "handful": "handful",
    "powerful": "powerful", "powerfully": "powerful", "respectively": "respectively", "namely": "namely",
    "numerous": "numerous", "accountable": "accountable", "accountability": "accountable", "initiative": "initiative",
    "initiatives": "initiative", "negation": "negation", "negations": "negation", "residue": "residue", "residues": "residue",
    "careful": "careful", "carefully": "careful", "harness": "harness", "harnesses": "harness", "harnessed": "harness",
    "harnessing": "harness", "fitness": "fitness", "illness": "illness", "illnesses": "illness", "witness": "witness",
    "witnesses": "witness", "witnessed": "witness", "business": "business", "businesses": "business",
    "accessible": "accessible", "accessibility": "accessible", "identical": "identical", "identically": "identical",
    "differential": "differential", "differentials": "differential", "differentiable": "differentiable",
    "differentiably": "differentiable", "differentiability": "differentiable", "variational": "variational",
    "variationally": "variational", "collective": "collective", "collectively": "collective", "original": "original",
    "originally": "original", "originality": "original", "associative": "associative", "associativity": "associative",
    "universe": "universe", "universes": "universe", "satisfiable": "satisfiable", "satisfiability": "satisfiable",
    "digital": "digital", "digitally": "digital", "dynamics": "dynamics", "dynamical": "dynamics", "evening": "evening",
    "evenings": "evening", "explanation": "explain", "explanations": "explain", "gases": "gas", "buses": "bus", "lens": "lens",
    "lenses": "lens", "judgement": "judgment", "judgements": "judgment", "synthesize": "synthesi", "synthesizes": "synthesi",
    "synthesized": "synthesi", "synthesizing": "synthesi", "synthesise": "synthesi", "synthesises": "synthesi",
    "synthesised": "synthesi", "synthesising": "synthesi", "diagnose": "diagnosi", "diagnosed": "diagnosi",
    "diagnosing": "diagnosi", "hypothesize": "hypothesi", "hypothesizes": "hypothesi", "hypothesized": "hypothesi",
    "paediatric": "pediatr", "paediatrics": "pediatr", "ischaemic": "ischem", "ischaemia": "ischemia", "leukaemia": "leukemia",
    "haemorrhage": "hemorrhag", "haemorrhages": "hemorrhag", "haemorrhagic": "hemorrhag", "foetal": "fetal",
    "anaesthesia": "anesthesia", "orthopaedic": "orthoped", "orthopaedics": "orthoped"
  }'::jsonb ->> word,
  case
    when (word like '%iz%' or word like '%is%') and word ~ '^[a-z]{3,}i[sz](?:e|es|ed|ing|er|ers|able|ation|ations|ational)$'
      and word !~ '(?:superv|rev|prec|conc|surpr|adv)is'
      then regexp_replace(word, 'i[sz](?:e|es|ed|ing|er|ers|able|ation|ations|ational)$', 'ize')
    else (ts_lexize('paper_stem', left(word, 100)))[1]
  end,
  word);

-- See 0005.
create or replace function paper_vector(title text, authors text[], organization text, categories text[], abstract text)
returns tsvector
language sql immutable parallel safe
begin atomic
  with fields (field, label, joins, folded) as (
    values
      (1, 'A', true, left(fold_text(left(title, 5000)), 5000)),
      (2, 'D', true, left(fold_text(left(abstract, 50000)), 50000)),
      (3, 'C', true, left(fold_text(left(organization, 1000)), 1000)),
      (4, 'C', false, left(fold_text(left(array_to_string(categories, ' . '), 5000)), 5000))
    union all
    select 4 + place, 'B', true, left(fold_text(left(author, 200)), 200) from unnest(authors[1:4000]) with ordinality as a (author, place)
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
  ),
  compounds as (
    select field, word || following as compound, field > 4 as as_written,
      position || label || ',' || least(position + 1, 16383) || label as places
    from words
    where joins and not is_linking(word) and not is_linking(following)
      and length(word) + length(following) <= 20 and least(length(word), length(following)) <= 7
      and (word || following) ~ '[^0-9]'
    union all
    select field, joined, true, position || label from words
    where (part = 1 and next_part = 2) or (part > 1 and next_part is distinct from part + 1)
  )
  select coalesce(string_agg('''' || entry || ''':' || places, ' '), '')::tsvector
  from (
    select lexeme(word) as entry, position || label as places from words
    union all
    select '=' || word, position || label from words
    union all
    select lexeme(compound), places from compounds
    union all
    select '=' || compound, places from compounds where as_written
    union all
    select unnest(array['@' || lexeme(word), '@=' || word]), position || label from words where field = 3
    union all
    select unnest(array['@' || lexeme(compound), '@=' || compound]), places from compounds where field = 3
    union all
    select '#' || regexp_replace(name, '[^a-z0-9.-]', '', 'g'), '1C'
    from unnest(categories) as category cross join unnest(array[lower(category), split_part(lower(category), '.', 1)]) as name
  ) as entries;
end;

-- Setting a column that the vector is made from makes it anew.
update papers set title = title;

-- What acronyms stand for is kept in lexemes.
create temporary table renamed on commit drop as
select short, long, (array_agg(short_written order by papers desc))[1] as short_written,
  (array_agg(long_written order by papers desc))[1] as long_written, sum(papers)::integer as papers,
  max(all_papers) as all_papers, bool_or(chosen) as chosen
from (
  select lexeme(translate(fold_text(short_written), ' -', '')) as short,
    (select string_agg(lexeme(word), ' ' order by place)
      from string_to_table(translate(fold_text(long_written), '-', ' '), ' ') with ordinality as w (word, place) where word <> '') as long,
    short_written, long_written, papers, all_papers, chosen
  from acronyms
) as again
where short <> '' and long <> '' and short <> long
group by short, long;
truncate acronyms;
insert into acronyms (short, long, short_written, long_written, papers, all_papers, chosen)
select short, long, short_written, long_written, papers, all_papers, chosen from renamed;
drop table renamed;

-- A tsquery is kept on one page of 8 KB or not at all, and eight phrases of six words are more than that; its text may be as long
-- as it likes. The same holds for an index of the canonical form, which may be 4,000 bytes.
alter table queries alter column expression type text using expression::text;
alter table queries drop constraint queries_canonical_key;
create unique index queries_by_canonical on queries (md5(canonical));
