-- Git repositories, one a project: its objects, and its refs.

create table git_object (
  project    text not null,
  -- SHA-1 of the object, as git has it.
  object_id  bytea not null check (octet_length(object_id) = 20),
  -- As in git: 1 commit, 2 tree, 3 blob.
  type       smallint not null check (type in (1, 2, 3)),
  -- Of the content before it was deflated.
  size       integer not null check (size >= 0),
  -- In zlib's format, as git's packs have it.
  content    bytea not null,
  -- When it was written, or written again. Maintenance removes only what is old and nobody refers to.
  write_time timestamptz not null default now(),
  primary key (project, object_id)
);

-- It is deflated already.
alter table git_object alter column content set storage external;

create table git_ref (
  project   text not null,
  -- In the order of bytes, so that refs with a common beginning lie together.
  name      text collate "C" not null,
  object_id bytea not null check (octet_length(object_id) = 20),
  primary key (project, name)
);

-- Code is in git; what is here says where, and what lists and admission need.
alter table code_version alter column code drop not null;
alter table code_version alter column commit_id type text collate "C";
-- The blob with the code.
alter table code_version add column code_object bytea check (octet_length(code_object) = 20);
-- For a version that a rollback made: the first version that had this code and its evidence; 0 otherwise.
alter table code_version add column first_version integer not null default 0;
-- A version has its code in one place: in git, or here if it was saved before there was git. The server moves
-- such versions into git when it starts, or when their procedure is next changed.
alter table code_version add constraint code_is_in_one_place
  check ((code is null) = (commit_id <> '') and (code is null) = (code_object is not null));

create unique index code_version_by_commit on code_version (commit_id) where commit_id <> '';
create index code_version_outside_git on code_version (procedure_id) where commit_id = '';

-- Names that callers gave to versions. Each is a ref too: refs/tags/procedures/<id>/<tag>.
create table version_tag (
  procedure_id bigint not null,
  tag          text collate "C" not null,
  version      integer not null,
  primary key (procedure_id, tag),
  foreign key (procedure_id, version) references code_version on delete cascade
);

create index version_tag_by_version on version_tag (procedure_id, version);

-- The part of success_count and of failure_count that a rollback copied from the version it restored. It is evidence
-- for this version, but those runs count once only in the procedure's totals.
alter table version_stats add column inherited_success_count bigint not null default 0;
alter table version_stats add column inherited_failure_count bigint not null default 0;
