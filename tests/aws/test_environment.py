"""What the entries make of their environment."""

from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from aws.environment import with_user
from sql.url import read_url

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(derandomize=True, deadline=None)
@given(user=TEXTS, password=TEXTS)
def test_any_user_and_password_come_out_of_the_url_as_they_went_in(user: str, password: str) -> None:
    mysql = read_url(with_user("mysql://db.example.com:3306/loadbay?ssl_ca=a.pem", user, password))
    postgresql = conninfo_to_dict(
        with_user("postgresql://db.example.com:5432/loadbay?sslmode=verify-full", user, password)
    )

    assert (mysql.user, mysql.password, mysql.hosts) == (user, password, [("db.example.com", 3306)])
    assert (postgresql["user"], postgresql["password"], postgresql["host"]) == (user, password, "db.example.com")
