"""The databases that the tests run on: a file, or a throwaway server on loopback that is gone afterwards.

TEST_POSTGRESQL_URL and TEST_MYSQL_URL name servers to use instead, as a user who may create schemas or databases.
"""

from servers.mysql import MySQL
from servers.postgresql import PostgreSQL
from servers.server import Server
from servers.sqlite import SQLite

SERVERS: dict[str, type[Server]] = {server.name: server for server in (SQLite, PostgreSQL, MySQL)}
