-- `LLMs` and `GPUs` are `LLM` and `GPU`, but the stemmer leaves an s that has no vowel before it, or one right before it. So an s behind
-- capitals belongs to no word, nor does one, in lower case, behind three consonants or more. `DNS` and `tts` are no plural.

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

-- Setting a column that the vector is made from makes it anew.
update papers set title = title;
