-- Files that runs left for their callers; they go with their execution. A row here says that all pieces are there.
create table execution_artifact (
  execution_id uuid not null references execution on delete cascade,
  -- From 1, in the order in which the run left them.
  number       integer not null,
  name         text not null,
  size_bytes   bigint not null,
  sha256       text not null,
  primary key (execution_id, number),
  unique (execution_id, name)
);

-- The content, in pieces of 256 KiB; the last one of an artifact may be smaller.
create table execution_artifact_piece (
  execution_id uuid not null references execution on delete cascade,
  number       integer not null,
  piece        integer not null,
  data         bytea not null,
  primary key (execution_id, number, piece)
);

-- What runs make is mostly compressed already, and a piece is read as a whole.
alter table execution_artifact_piece alter column data set storage external;
