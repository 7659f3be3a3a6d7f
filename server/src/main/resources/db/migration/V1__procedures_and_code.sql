create extension if not exists pg_trgm;

create table procedure (
  procedure_id    bigint generated always as identity primary key,
  project         text not null,
  name            text not null,
  category        text not null,
  description     text not null,
  -- What has no column of its own: the Procedure message as JSON in Protobuf's form.
  definition      jsonb not null,
  -- Descriptions of all steps, for searching.
  steps_text      text not null,
  created_by      text not null,
  create_time     timestamptz not null,
  update_time     timestamptz not null,
  -- Counts changes of the definition and of the current version; the etag is made of it.
  revision        bigint not null default 1,
  -- 0: there is no code.
  current_version integer not null default 0,
  constraint procedure_name_is_unique unique (project, name)
);

create index procedure_by_category on procedure (project, category, procedure_id);

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
