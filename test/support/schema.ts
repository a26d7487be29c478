import type { Sql } from "../../src/db.ts";

/** The schema as PostgreSQL itself tells it: tables with columns, constraints, indexes and triggers; views; functions. */
export async function describeSchema(sql: Sql): Promise<string> {
  const rows = await sql<{ text: string }[]>`
    with ours as (select oid from pg_namespace where nspname = 'public'),
    tables as (
      select c.oid, c.relname from pg_class c join ours on ours.oid = c.relnamespace where c.relkind = 'r'
    ),
    columns as (
      select a.attrelid, string_agg(format('  %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attgenerated = 's' then format(' generated always as (%s) stored', pg_get_expr(d.adbin, d.adrelid))
          when a.attidentity = 'a' then ' generated always as identity'
          when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
        case when a.attnotnull then ' not null' else '' end), e',\n' order by a.attnum) as text
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attnum > 0 and not a.attisdropped group by a.attrelid
    ),
    constraints as (
      select conrelid, string_agg(format(e',\n  constraint %I %s', conname, pg_get_constraintdef(oid)), '' order by contype desc, conname) as text
      from pg_constraint where contype <> 'n' group by conrelid
    ),
    indexes as (
      select i.indrelid, string_agg(pg_get_indexdef(i.indexrelid) || e';\n', '' order by i.indexrelid::regclass::text) as text
      from pg_index i where not exists (select from pg_constraint k where k.conindid = i.indexrelid) group by i.indrelid
    ),
    triggers as (
      select tgrelid, string_agg(pg_get_triggerdef(oid) || e';\n', '' order by tgname) as text
      from pg_trigger where not tgisinternal group by tgrelid
    )
    select 1 as kind, t.relname as name,
      format(e'create table %I (\n%s%s\n);\n%s%s', t.relname, c.text, k.text, i.text, g.text) as text
    from tables t join columns c on c.attrelid = t.oid
    left join constraints k on k.conrelid = t.oid left join indexes i on i.indrelid = t.oid
    left join triggers g on g.tgrelid = t.oid
    union all
    select 2, c.relname, format(e'create view %I as\n%s\n', c.relname, pg_get_viewdef(c.oid))
    from pg_class c join ours on ours.oid = c.relnamespace where c.relkind = 'v'
    union all
    select 0, p.proname, rtrim(pg_get_functiondef(p.oid)) || e';\n' from pg_proc p join ours on ours.oid = p.pronamespace
    order by kind, name`;
  return `-- Made by npm run schema from the migrations; a test fails when it drifts.\n\n${rows.map((row) => row.text).join("\n")}`;
}
