-- After all tables, views and functions of this release: what a viewer may read, a read token opens.

select private.open_to_readers();
