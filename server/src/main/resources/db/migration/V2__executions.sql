-- Servers that run programs on this database. A run whose server has no row here, or one that has gone stale, is lost.
create table server_instance (
  instance_id    uuid primary key,
  start_time     timestamptz not null,
  heartbeat_time timestamptz not null
);

create table execution (
  -- UUIDv7: sorts by time of admission.
  execution_id   uuid primary key,
  procedure_id   bigint not null references procedure on delete cascade,
  procedure_name text not null,
  project        text not null,
  -- 0: there was no code.
  version        integer not null,
  commit_id      text not null default '',
  state          text not null check (state in ('QUEUED', 'RUNNING', 'COMPLETED')),
  -- The server that runs it; null before one has claimed it.
  instance_id    uuid,
  -- Set by a server that does not run it, to have it ended.
  cancel_reason  text,
  request_id     text not null default '',
  -- Equal to request_id while a repeat of it must give this execution; null otherwise.
  request_key    text unique,
  -- SHA-256 of the request, so that a repeat can be told from another request.
  request_hash   bytea not null,
  -- What comes from callers and programs is kept as Protobuf bytes: it may hold what text and jsonb cannot, such as NUL.
  parameters     bytea not null,
  limits         bytea not null,
  create_time    timestamptz not null,
  start_time     timestamptz,
  worker_id      text not null default '',
  end_time       timestamptz,
  outcome        text check (outcome in ('SUCCESS', 'FAILURE', 'SKIPPED')),
  failure_kind   text,
  -- The ExecutionEvent.Completed message: outcome, result, failure, usage, duration. What SQL needs of it stands beside it.
  completed      bytea,
  duration_us    bigint,
  user_cpu_us    bigint,
  system_cpu_us  bigint,
  peak_memory_bytes bigint,
  stdout_bytes   bigint,
  stderr_bytes   bigint,
  stored_output_truncated boolean not null default false,
  constraint execution_ends_once check ((state = 'COMPLETED') = (outcome is not null and completed is not null and end_time is not null))
);

create index execution_by_procedure on execution (procedure_id, execution_id);
create index execution_by_project on execution (project, execution_id);
create index execution_unfinished on execution (procedure_id, instance_id) where state <> 'COMPLETED';
create index execution_stats on execution (procedure_id, version) include (outcome, failure_kind, duration_us, end_time)
  where state = 'COMPLETED';

-- What runs did, as ExecutionEvent messages, up to a limit for each run.
create table execution_event (
  execution_id uuid not null references execution on delete cascade,
  sequence     bigint not null,
  event        bytea not null,
  primary key (execution_id, sequence)
);

-- Executions that wait for a server; claiming one removes its row here.
create table execution_queue (
  execution_id uuid primary key references execution on delete cascade,
  -- The ExecuteProcedureRequest message.
  request      bytea not null
);
