"""Who asks to be forgotten is in no byte of the database's files afterwards: read on PostgreSQL as on SQLite."""

import pytest
from sqlalchemy import Engine, text

from db.models import Invitation, Participant, Rater, Rating
from db.session import transaction
from tests.stores import migrated, open_pair_study
from workbench.rating import next_trial, ratings
from workbench.studies import person_data, recruitment

pytestmark = [pytest.mark.slow]

NAME, SAID, WROTE = "unmistakable-participant", "unmistakable-occupation", "unmistakable-comment"


def take_part(session, media) -> int:
    """Somebody comes by a link, says something of themselves, and rates with a comment; the rater's id."""
    study = open_pair_study(session, media, design={"recruitment": {"participant": "PID"}})
    _, link = recruitment.create_link(session, study.id, actor="ann")
    invitation, _token = recruitment.recruit(session, recruitment.arrive(session, link, {"PID": NAME}))
    invitation.questionnaire = {"before": {"work": SAID}}
    for _ in range(2):  # twice the same: what a planner's statistics keep as a frequent value
        view = next_trial(session, study.id, invitation.rater_id)
        ratings.rate(session, view.trial_id, invitation.rater_id, view.stimuli[0].id).comment = WROTE
    return invitation.rater_id


def traces_of(session, rater_id: int) -> list[str]:
    invitation = session.query(Invitation).filter_by(rater_id=rater_id).one()
    return [NAME, SAID, WROTE, invitation.token_hash, session.get_one(Rater, rater_id).pseudonym]


def found_on_disk(engine: Engine, traces: list[str]) -> dict[str, list[str]]:
    """The traces that stand in the files of tables, indexes, long values and statistics, by relation."""
    content = "pg_read_binary_file(pg_relation_filepath(oid), 0, 100000000, true)"
    files = f"SELECT relname, {content} FROM pg_class WHERE relkind IN ('r', 'i', 't')"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        read = [(name, bytes(content or b"")) for name, content in connection.execute(text(files))]
    relations = {trace: sorted(name for name, content in read if trace.encode() in content) for trace in traces}
    return {trace: names for trace, names in relations.items() if names}


@pytest.mark.postgres
@pytest.mark.parametrize("others", [0, 30])
def test_no_byte_of_a_forgotten_person_stays_in_the_files_of_postgresql(postgres_url, media, others):
    with migrated(postgres_url) as engines:
        with transaction(engines.writer) as session:
            rater_id = take_part(session, media)
            traces = traces_of(session, rater_id)
            session.add_all(Rater(pseudonym=f"other-{number}") for number in range(others))
        with engines.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # as autovacuum does: it copies values into pg_statistic
        before = found_on_disk(engines.writer, traces)
        assert set(before) == set(traces)
        assert "pg_statistic" in before[WROTE]
        with transaction(engines.writer) as session:
            assert person_data.forget(session, rater_id, actor="ann") == 2
        assert found_on_disk(engines.writer, traces) != {}  # deleted rows are still there
        person_data.clear_free_pages(engines.writer)
        assert found_on_disk(engines.writer, traces) == {}
        with transaction(engines.writer) as session:
            assert (session.query(Participant).count(), session.query(Rating).count()) == (0, 0)
            assert session.query(Rater).count() == others
