-- One number that the ledger's schema has had; the largest is the one that it has.
CREATE TABLE ledger_schema (
    number BIGINT NOT NULL PRIMARY KEY
) ENGINE = InnoDB
