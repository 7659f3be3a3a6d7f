-- A save changes the procedure's row and the ref of its branch in place, and no column that has an index. With room left on their
-- pages no index has to be changed either, of which the procedure's are dear: three are for searching text.
alter table procedure set (fillfactor = 60);
alter table git_ref set (fillfactor = 70);
