-- One row, if the database answers.
SELECT 1 AS answer
