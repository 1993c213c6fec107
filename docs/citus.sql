-- Run once, by a superuser, in the database of Loadbay on the coordinator, before the service is started there.
-- From then on the tables are distributed as the service creates them: hires by their id, those that they refer to on every
-- node. The ledger stays on the coordinator. A table of your own is one more line.

CREATE FUNCTION distribute_loadbay() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    created record;
BEGIN
    FOR created IN
        SELECT
            objid::regclass AS name,
            relname
        FROM pg_event_trigger_ddl_commands()
        JOIN pg_class ON pg_class.oid = objid
        WHERE command_tag = 'CREATE TABLE'
    LOOP
        CASE created.relname
            WHEN 'hired_employees' THEN
                PERFORM create_distributed_table(created.name, 'id', shard_count => 32, colocate_with => 'none');
            WHEN 'departments', 'jobs' THEN
                PERFORM create_reference_table(created.name);
            ELSE
        END CASE;
    END LOOP;
END
$$;

CREATE EVENT TRIGGER distribute_loadbay
ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
EXECUTE FUNCTION distribute_loadbay();
