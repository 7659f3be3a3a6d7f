create extension if not exists pg_trgm;

create table procedure (
  procedure_id    bigint generated always as identity primary key,
  project         text not null,
  name            text not null,
  category        text not null,
  description     text not null,
  -- What has no column of its own: the Procedure message as JSON in Protobuf's form. Not jsonb: that would spell
  -- numbers in another way, and large ones would be read back as text.
  definition      json not null,
  -- Descriptions of all steps, for searching; cut where a tsvector would become too large.
  steps_text      text not null,
  created_by      text not null,
  create_time     timestamptz not null,
  update_time     timestamptz not null,
  -- Counts changes of the definition and of the current version; the etag is made of it.
  revision        bigint not null default 1,
  -- 0: there is no code.
  current_version integer not null default 0,
  -- For searching by words. Punctuation separates words, so that those of run_unit_tests and of src/main.py are found;
  -- it is named character by character because classes such as [:punct:] depend on the database's locale.
  search          tsvector not null generated always as (
    setweight(to_tsvector('english', regexp_replace(regexp_replace(
      name, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '[\s!-/:-@\[-`{-~]+', ' ', 'g')), 'A')
    || setweight(to_tsvector('english', regexp_replace(category, '[\s!-/:-@\[-`{-~]+', ' ', 'g')), 'B')
    || setweight(to_tsvector('english', regexp_replace(description, '[\s!-/:-@\[-`{-~]+', ' ', 'g')), 'C')
    || setweight(to_tsvector('english', regexp_replace(steps_text, '[\s!-/:-@\[-`{-~]+', ' ', 'g')), 'D')) stored,
  -- For searching by similarity, which forgives typing errors. Comparing takes time in proportion to the length, so this
  -- is the beginning of the text only; words further back must be spelled well.
  search_name     text not null generated always as (lower(regexp_replace(
    name, '([a-z0-9])([A-Z])', '\1 \2', 'g'))) stored,
  search_text     text not null generated always as (left(lower(regexp_replace(
    name, '([a-z0-9])([A-Z])', '\1 \2', 'g') || ' ' || category || ' ' || description || ' ' || steps_text), 5000)) stored,
  constraint procedure_name_is_unique unique (project, name)
);

create index procedure_by_category on procedure (project, category, procedure_id);
create index procedure_by_words on procedure using gin (search);
create index procedure_by_similar_name on procedure using gin (search_name gin_trgm_ops);
create index procedure_by_similar_text on procedure using gin (search_text gin_trgm_ops);

create table code_version (
  procedure_id   bigint not null references procedure on delete cascade,
  version        integer not null check (version >= 1),
  commit_id      text not null default '',
  code           text not null,
  sha256         text not null,
  size_bytes     integer not null,
  author         text not null,
  message        text not null,
  rolled_back_to integer not null default 0,
  create_time    timestamptz not null,
  primary key (procedure_id, version)
);

-- What the finished runs of a version amount to; version 0 stands for runs without code (SKIPPED). Changed in the
-- transaction that completes a run, so it always equals the rows of the runs.
create table version_stats (
  procedure_id    bigint not null references procedure on delete cascade,
  version         integer not null,
  success_count   bigint not null default 0,
  failure_count   bigint not null default 0,
  skipped_count   bigint not null default 0,
  -- Failures that say nothing about the code: cancelled runs and lost workers. Part of failure_count.
  no_fault_count  bigint not null default 0,
  -- Confidence in the version, 0 to 1; kept here so that procedures can be searched by it.
  confidence      double precision not null,
  primary key (procedure_id, version)
);

create index version_stats_by_confidence on version_stats (confidence desc, procedure_id);

-- Answers to requests with a request_id, so that a repeat gets the same answer and does nothing. Written in the
-- transaction of what the request does. Executions keep their request_id in their own row.
create table answered_request (
  request_id   text primary key,
  -- SHA-256 of the request, so that a repeat can be told from another request with the same request_id.
  request_hash bytea not null,
  -- The response message.
  response     bytea not null,
  create_time  timestamptz not null
);

create index answered_request_by_time on answered_request (create_time);
