-- Rows that were stored before there were such totals get them now. Nothing is to be done in a new database.

select public.repair_totals();
